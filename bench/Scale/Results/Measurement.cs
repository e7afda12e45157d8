using System.Text.Json;
using Clinic.Load.Measures;
using Clinic.Scale.Points;

namespace Clinic.Scale.Results;

/// <summary>Everything that was measured in a run.</summary>
/// <param name="Date">When it began.</param>
/// <param name="Command">By which command.</param>
/// <param name="Machine">Where, and from which commit.</param>
/// <param name="Points">The points, in their order.</param>
/// <param name="Failures">Stages that ended before their time, and why.</param>
internal sealed record Measurement(DateTimeOffset Date, string Command, Machine Machine, List<Point> Points, List<string> Failures)
{
    public static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Reads what <see cref="ScaleReport"/> wrote into <c>result.json</c>.</summary>
    public static async Task<Measurement> ReadAsync(string file)
    {
        await using var stream = File.OpenRead(file);
        using var document = await JsonDocument.ParseAsync(stream);
        return document.RootElement.GetProperty("measurement").Deserialize<Measurement>(JsonOptions) ?? throw new JsonException($"{file} holds no measurement");
    }
}
