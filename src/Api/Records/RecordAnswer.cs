using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Clinic.Records;

/// <summary>What a record write comes to: an answer that is kept with the write, or a refusal that undoes it.</summary>
internal sealed class RecordAnswer
{
    private RecordAnswer(int status, object? body, string? location, ProblemHttpResult? refusal)
    {
        Status = status;
        Body = body;
        Location = location;
        Refusal = refusal;
    }

    /// <summary>204.</summary>
    public static RecordAnswer Done { get; } = new(StatusCodes.Status204NoContent, null, null, null);

    /// <summary>Why the write is not done, and undone; null when it is.</summary>
    public ProblemHttpResult? Refusal { get; }

    private int Status { get; }

    private object? Body { get; }

    private string? Location { get; }

    /// <summary>200 with the record.</summary>
    public static RecordAnswer Ok(object body) => new(StatusCodes.Status200OK, body, null, null);

    /// <summary>201 with the record; the location is its path, null when it has none of its own.</summary>
    public static RecordAnswer Created(string? location, object body) => new(StatusCodes.Status201Created, body, location, null);

    /// <summary>The write is refused.</summary>
    public static implicit operator RecordAnswer(ProblemHttpResult refusal) => new(refusal.StatusCode, null, null, refusal);

    /// <summary>The answer in the form in which it is sent, stored and sent again.</summary>
    public StoredAnswer Store(JsonSerializerOptions json) =>
        new(Status, Body is null ? null : JsonSerializer.Serialize(Body, json), Location);
}
