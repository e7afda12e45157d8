using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace Clinic.Faults;

/// <summary>The sorts of record writes that a drill does.</summary>
internal enum RecordKind
{
    Appointment,
    Message,
    Vitals,
    LabResult,
}

/// <summary>A record write that was answered.</summary>
/// <param name="Kind">What was written.</param>
/// <param name="Key">What its event is known by; see <see cref="RecordWrite"/>.</param>
/// <param name="Receiver">Whom a lab result is for.</param>
/// <param name="Started">When the first try was sent.</param>
/// <param name="Answered">When the answer came.</param>
/// <param name="Tries">How many tries it took.</param>
internal sealed record AnsweredWrite(RecordKind Kind, string Key, string Receiver, long Started, long Answered, int Tries);

/// <summary>The requests of a drill's record writes, and how their events are told apart.</summary>
internal sealed class RecordWrite(string marker, RecordKind kind, string thread, string patient, string receiver)
{
    /// <summary>The day of all appointments.</summary>
    public const string Day = "2031-05-06";

    public RecordKind Kind { get; } = kind;

    public string Receiver { get; } = receiver;

    /// <summary>A fresh request of the same write: every try has the same key.</summary>
    public HttpRequestMessage Request(Uri host)
    {
        var (method, path, body) = Kind switch
        {
            RecordKind.Appointment => (HttpMethod.Post, "/api/appointments", (object)new
            {
                patientId = patient,
                providerId = Receiver,
                startsAt = $"{Day}T08:00:00Z",
                durationMinutes = 30,
                reason = marker,
            }),
            RecordKind.Message => (HttpMethod.Post, $"/api/messaging/{thread}/messages", new { body = marker }),
            RecordKind.Vitals => (HttpMethod.Patch, $"/api/patients/{patient}/vitals", new { heartRate = 70 }),
            _ => (HttpMethod.Post, "/api/lab-results", new
            {
                patientId = patient,
                orderedBy = Receiver,
                test = marker,
                value = "1",
                unit = "",
                status = "final",
                abnormal = "normal",
            }),
        };
        var request = new HttpRequestMessage(method, new Uri(host, path)) { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", marker);
        return request;
    }

    /// <summary>What the write's event will be known by, from the answer.</summary>
    public string KeyOf(JsonElement answer) => Kind switch
    {
        RecordKind.Vitals => VitalsKey(answer),
        RecordKind.LabResult => marker,
        _ => answer.GetProperty("id").GetString()!,
    };

    /// <summary>The key of the write that an event tells of; null for one that tells of none.</summary>
    public static string? KeyOf(string type, JsonElement data) => type switch
    {
        "appointment:created" or "message:new" => data.GetProperty("id").GetString(),
        "vitals:updated" => VitalsKey(data),
        "notification:new" => data.GetProperty("title").GetString()!.Split(": ")[^1],
        _ => null,
    };

    private static string VitalsKey(JsonElement vitals) =>
        string.Create(CultureInfo.InvariantCulture, $"{vitals.GetProperty("patientId").GetString()} version {vitals.GetProperty("version").GetInt32()}");
}
