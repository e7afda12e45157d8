using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace Clinic.OpenApi;

/// <summary>
/// Describes the REST routes to programs, at <c>/openapi/v1.json</c> on every host, and to people, at <c>/docs</c> in <c>Development</c>. Each capability
/// describes its own routes where it maps them; what is common to many is added here.
/// </summary>
internal static class ApiDescription
{
    private const string Document = "v1";
    private const string DocsPath = "/docs";

    /// <summary>Registers it.</summary>
    public static IServiceCollection AddApiDescription(this IServiceCollection services) => services.AddOpenApi(Document, options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer<CommonParts>();
        options.AddOperationTransformer<CommonAnswers>();
        options.AddOperationTransformer<CommonParameters>();
        options.AddSchemaTransformer<BodySchemas>();
    });

    /// <summary>Maps the description, which tells nobody's secrets, and the page that tries it.</summary>
    public static void MapApiDescription(this WebApplication app)
    {
        app.MapOpenApi().AllowAnonymous();
        if (app.Environment.IsDevelopment())
        {
            // Everything comes from this process: the page works without the internet, and asks nobody for fonts, agents or statistics.
            app.MapScalarApiReference(DocsPath, page => page.DisableDefaultFonts().DisableTelemetry().DisableAgent()).AllowAnonymous();
        }
    }
}
