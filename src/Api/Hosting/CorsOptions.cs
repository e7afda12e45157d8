using Clinic.Settings;

namespace Clinic.Hosting;

/// <summary>Which browser origins may call: section <c>Cors</c>.</summary>
internal sealed class CorsOptions
{
    /// <summary>Exact origins such as <c>https://app.example.com</c>. Default none: only pages of the Api's own origin.</summary>
    public string[] Origins { get; set; } = [];

    /// <summary>Refuses what a browser never sends as an origin, because it would silently match nothing.</summary>
    /// <exception cref="SettingException">An entry is not an origin.</exception>
    public CorsOptions Check()
    {
        Origins = [.. Origins.Where(origin => !string.IsNullOrWhiteSpace(origin))];
        for (var i = 0; i < Origins.Length; i++)
        {
            if (!Uri.TryCreate(Origins[i], UriKind.Absolute, out var uri)
                || uri.Scheme is not ("http" or "https")
                || !string.Equals(uri.GetLeftPart(UriPartial.Authority), Origins[i].TrimEnd('/'), StringComparison.OrdinalIgnoreCase))
            {
                throw new SettingException($"Cors__Origins__{i} is wrong: an origin is a scheme, a host and perhaps a port, such as https://app.example.com.");
            }

            Origins[i] = uri.GetLeftPart(UriPartial.Authority);
        }

        return this;
    }
}
