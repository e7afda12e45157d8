using System.Net.Mime;
using Clinic.Errors;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.FileProviders;

namespace Clinic.WebApp;

/// <summary>Serves the application at <c>/</c>, from the folder <c>wwwroot</c> beside the Api's assembly; see the target <c>WebApp</c> in Api.csproj.</summary>
internal static partial class WebAppServices
{
    private const string AssetsPath = "/assets";

    /// <summary>Beginnings of paths that are the server's own. Whatever else a browser navigates to is a page of the application.</summary>
    public static IReadOnlyList<string> ServerPaths { get; } = ["/api", "/dev", "/docs", "/health", "/hub", "/hubs", "/metrics", "/openapi"];

    /// <summary>Puts it ahead of the routes, so that none of them answers differently because there is an application.</summary>
    public static void UseWebApp(this WebApplication app)
    {
        var folder = Path.Combine(app.Environment.ContentRootPath, "wwwroot");
        var files = new WebAppFiles(Directory.Exists(folder) ? new PhysicalFileProvider(folder) : new NullFileProvider());
        if (!files.IsBuilt)
        {
            IsNotBuilt(app.Logger);
        }

        app.Use(next => context => ServeAsync(context, files, next));
    }

    private static Task ServeAsync(HttpContext context, WebAppFiles files, RequestDelegate next)
    {
        var (request, path) = (context.Request, context.Request.Path);
        if (!(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) || ServerPaths.Any(own => path.StartsWithSegments(own)))
        {
            return next(context);
        }

        if (!files.IsBuilt)
        {
            return path == "/" ? NotBuilt().ExecuteAsync(context) : next(context);
        }

        if (files.Find(path.Value ?? "") is var (file, type))
        {
            return SendFileAsync(context, files, file, type);
        }

        return path.StartsWithSegments(AssetsPath) || !TakesHtml(request) ? next(context) : SendPageAsync(context, files);
    }

    private static Task SendPageAsync(HttpContext context, WebAppFiles files)
    {
        var (html, nonce) = files.MakePage();
        var headers = context.Response.Headers;
        WebAppHeaders.AddCommon(headers);
        headers.ContentSecurityPolicy = WebAppHeaders.PolicyFor(nonce);
        headers.CacheControl = WebAppHeaders.Never;
        return Results.Text(html, MediaTypeNames.Text.Html, System.Text.Encoding.UTF8).ExecuteAsync(context);
    }

    private static Task SendFileAsync(HttpContext context, WebAppFiles files, IFileInfo file, string type)
    {
        var (request, headers) = (context.Request, context.Response.Headers);
        WebAppHeaders.AddCommon(headers);
        headers.CacheControl = request.Path.StartsWithSegments(AssetsPath) ? WebAppHeaders.Immutable : WebAppHeaders.Revalidate;
        if (files.FindCompressed(request.Path.Value!) is { } compressed)
        {
            headers.Vary = "Accept-Encoding";
            if (request.Headers.AcceptEncoding.ToString().Split(',').Any(one => one.Trim() == "br"))
            {
                headers.ContentEncoding = "br";
                file = compressed;
            }
        }

        return Results.File(file.PhysicalPath!, type, lastModified: file.LastModified).ExecuteAsync(context);
    }

    /// <summary>A script that asks for JSON gets the refusal it understands, and no page.</summary>
    private static bool TakesHtml(HttpRequest request) =>
        request.Headers.Accept.Count == 0
        || request.GetTypedHeaders().Accept.Any(one => one.MatchesMediaType(MediaTypeNames.Text.Html) || one.MatchesAllTypes);

    private static ProblemHttpResult NotBuilt() => Problems.NotFound(
        "The application is not built. On a machine with Node.js 20.19 or later 'dotnet run --project src/Api' builds it; the Api itself works without it.");

    [LoggerMessage(1, LogLevel.Warning, "The application is not built, so there is none at /. 'dotnet run' and 'dotnet publish' build it where there is Node.js 20.19 or later.")]
    private static partial void IsNotBuilt(ILogger logger);
}
