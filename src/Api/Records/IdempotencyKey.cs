namespace Clinic.Records;

/// <summary>Whose repeat of what a key stands for: it counts within clinic, user and route.</summary>
/// <param name="Tenant">The clinic.</param>
/// <param name="Caller">The user.</param>
/// <param name="Route">Method and path, so that the same key on another record is another key.</param>
/// <param name="Key">The header's value.</param>
/// <param name="BodyHash">SHA-256 of the body's bytes.</param>
internal sealed record IdempotencyKey(string Tenant, string Caller, string Route, string Key, byte[] BodyHash)
{
    /// <summary>The header.</summary>
    public const string Header = "Idempotency-Key";
}
