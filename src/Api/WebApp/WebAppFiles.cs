using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;

namespace Clinic.WebApp;

/// <summary>The built application: its page, of which each answer has a nonce of its own, and its files.</summary>
internal sealed class WebAppFiles(IFileProvider files)
{
    private const string Page = "index.html";

    /// <summary>What the build leaves where the nonce belongs; see web/app/vite.config.ts.</summary>
    private const string NoncePlace = "__CSP_NONCE__";

    private static readonly FileExtensionContentTypeProvider ContentTypes = new();

    private readonly string? _page = ReadPage(files);

    /// <summary>Whether there is an application.</summary>
    public bool IsBuilt => _page is not null;

    /// <summary>The page, allowed to style by the nonce that its policy names.</summary>
    public (string Html, string Nonce) MakePage()
    {
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        return (_page!.Replace(NoncePlace, nonce, StringComparison.Ordinal), nonce);
    }

    /// <summary>A file other than the page, and its type; null when there is none.</summary>
    public (IFileInfo File, string ContentType)? Find(string path)
    {
        if (path.TrimStart('/') is Page or "" || !ContentTypes.TryGetContentType(path, out var type))
        {
            return null;
        }

        var file = files.GetFileInfo(path);
        return file is { Exists: true, IsDirectory: false } ? (file, type) : null;
    }

    /// <summary>The same file compressed at the build, if it is there and the client takes it.</summary>
    public IFileInfo? FindCompressed(string path)
    {
        var file = files.GetFileInfo(path + ".br");
        return file is { Exists: true, IsDirectory: false } ? file : null;
    }

    private static string? ReadPage(IFileProvider files)
    {
        var file = files.GetFileInfo(Page);
        if (!file.Exists)
        {
            return null;
        }

        using var reader = new StreamReader(file.CreateReadStream(), Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
