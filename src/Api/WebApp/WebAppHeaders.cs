namespace Clinic.WebApp;

/// <summary>What browsers are told about the application's page and files.</summary>
internal static class WebAppHeaders
{
    /// <summary>Files whose names hold a hash of their content never change.</summary>
    public const string Immutable = "public, max-age=31536000, immutable";

    /// <summary>Files that keep their names are asked for again.</summary>
    public const string Revalidate = "no-cache";

    /// <summary>The page names the files of its version and has a nonce: it is kept nowhere.</summary>
    public const string Never = "no-store";

    /// <summary>
    /// Scripts come from here alone, none is inline or made of text. Styles that are made at run time carry the page's nonce. Nobody frames the page, and
    /// it sends nothing elsewhere.
    /// </summary>
    public static string PolicyFor(string nonce) =>
        "default-src 'none'; script-src 'self'; "
        + $"style-src 'self' 'nonce-{nonce}'; "
        + "img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Adds what all of them have.</summary>
    public static void AddCommon(IHeaderDictionary headers)
    {
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
    }
}
