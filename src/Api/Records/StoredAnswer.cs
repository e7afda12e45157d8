namespace Clinic.Records;

/// <summary>The answer of a write, byte for byte, so that a repeat answers what the first answered.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Body">The JSON, or null for none.</param>
/// <param name="Location">The <c>Location</c> header, or null for none.</param>
/// <param name="Replayed">Whether it answers a repeat; then <c>Idempotent-Replayed</c> says so.</param>
internal sealed record StoredAnswer(int Status, string? Body, string? Location, bool Replayed = false) : IResult
{
    /// <inheritdoc />
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        if (Location is not null)
        {
            response.Headers.Location = Location;
        }

        if (Replayed)
        {
            response.Headers["Idempotent-Replayed"] = "true";
        }

        if (Body is not null)
        {
            response.ContentType = "application/json; charset=utf-8";
            await response.WriteAsync(Body, httpContext.RequestAborted);
        }
    }
}
