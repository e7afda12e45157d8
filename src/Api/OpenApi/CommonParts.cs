using Clinic.Security;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Clinic.OpenApi;

/// <summary>What operations refer to: the ways to say who is calling, and the problem document.</summary>
internal sealed class CommonParts : IOpenApiDocumentTransformer
{
    /// <summary>A user's token.</summary>
    public const string Bearer = "bearer";

    /// <summary>A backend's key.</summary>
    public const string ServiceKey = "serviceKey";

    /// <summary>The schema of every refusal.</summary>
    public const string Problem = "Problem";

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Clinic",
            Version = context.DocumentName,
            Description = "The REST routes. What they send to browsers, and the hub, is described in docs/protocol.md; codes of refusals in docs/errors.md.",
        };
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            BearerFormat = "JWT",
            Description = "A user's token. In Development POST /dev/token gives one.",
        };
        document.Components.SecuritySchemes[ServiceKey] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = "Authorization",
            Description = $"A backend's key, as 'ServiceKey <key>'. Needs {ServiceKeyHandler.TenantHeader}, and on record routes {ServiceKeyHandler.UserHeader}.",
        };
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        document.Components.Schemas[Problem] = ProblemSchema();
        return Task.CompletedTask;
    }

    private static OpenApiSchema ProblemSchema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "RFC 9457 problem details.",
        Required = new HashSet<string> { "type", "title", "status", "detail", "code" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = Text("urn:clinic:error:<code>"),
            ["title"] = Text("For people."),
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
            ["detail"] = Text("For people."),
            ["code"] = Text("The stable code, see docs/errors.md."),
            ["traceId"] = Text("Finds the request in the log."),
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "What is wrong, by field.",
                AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = Text(null) },
            },
            ["cause"] = Text("reason_required for a restricted chart: it opens with a reason."),
            ["heldBy"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object | JsonSchemaType.Null,
                Description = "Who holds the section of the chart.",
                Properties = new Dictionary<string, IOpenApiSchema>
                {
                    ["user"] = Text(null),
                    ["name"] = Text(null),
                    ["since"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" },
                },
            },
        },
    };

    private static OpenApiSchema Text(string? description) => new() { Type = JsonSchemaType.String, Description = description };
}
