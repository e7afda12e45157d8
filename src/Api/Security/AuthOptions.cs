using System.Text;
using Clinic.Settings;

namespace Clinic.Security;

/// <summary>Who is believed: section <c>Auth</c>.</summary>
internal sealed class AuthOptions
{
    /// <summary>Known to everybody who reads this line, and therefore good in <c>Development</c> alone. Fixed, so that tokens outlive a restart.</summary>
    public const string DevelopmentKey = "clinic-development-key-never-for-production";

    private const int MinKeyBytes = 32;

    /// <summary>HS256 secret of at least 32 bytes of UTF-8. This or <see cref="Authority"/>, not both.</summary>
    public string? SigningKey { get; set; }

    /// <summary>An OpenID Connect issuer; its signing keys are found through its discovery document.</summary>
    public string? Authority { get; set; }

    /// <summary>The <c>aud</c> a token must carry. Default: not looked at; set it when the authority issues tokens for other applications too.</summary>
    public string? Audience { get; set; }

    /// <summary>Keys of backends that may publish and write records, for every clinic. Two at a time let one be replaced without a pause. Default none.</summary>
    public string[] ServiceKeys { get; set; } = [];

    /// <summary>Fills in the development key where it may be, and refuses what would leave the door open or shut for good.</summary>
    /// <exception cref="SettingException">A setting is missing or makes no sense.</exception>
    public AuthOptions Check(bool isDevelopment)
    {
        SigningKey = NullIfEmpty(SigningKey);
        Authority = NullIfEmpty(Authority);
        Audience = NullIfEmpty(Audience);
        ServiceKeys = [.. ServiceKeys.Where(key => !string.IsNullOrWhiteSpace(key))];
        if (SigningKey is null && Authority is null)
        {
            SigningKey = isDevelopment
                ? DevelopmentKey
                : throw new SettingException(
                    "Auth__SigningKey (a secret of at least 32 bytes) or Auth__Authority (an OpenID Connect issuer) is missing: outside Development one of them has to be set.");
        }

        if (SigningKey is not null && Authority is not null)
        {
            throw new SettingException("Auth__SigningKey and Auth__Authority are both set: tokens come from one of them.");
        }

        if (SigningKey is not null && Encoding.UTF8.GetByteCount(SigningKey) < MinKeyBytes)
        {
            throw new SettingException($"Auth__SigningKey is too short: it has to be at least {MinKeyBytes} bytes.");
        }

        if (SigningKey == DevelopmentKey && !isDevelopment)
        {
            throw new SettingException("Auth__SigningKey is the development key, which everybody knows: outside Development it has to be another one.");
        }

        if (Authority is not null && !IsAuthority(Authority, isDevelopment))
        {
            throw new SettingException("Auth__Authority is wrong: it is the https address of an OpenID Connect issuer.");
        }

        return this;
    }

    private static bool IsAuthority(string text, bool isDevelopment) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && (isDevelopment || uri.IsLoopback)));

    private static string? NullIfEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
