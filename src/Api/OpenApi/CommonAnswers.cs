using System.Globalization;
using Clinic.Security;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.OpenApi;

namespace Clinic.OpenApi;

/// <summary>Who may call an operation, and how it refuses.</summary>
internal sealed class CommonAnswers : IOpenApiOperationTransformer
{
    private static readonly Dictionary<int, string> Refusals = new()
    {
        [400] = "A parameter or a field is missing, malformed or unknown; errors names it.",
        [401] = "No valid token or service key.",
        [403] = "The caller may not do this, or named another clinic.",
        [404] = "There is no such thing, or none that the caller may know of.",
        [409] = "It contradicts what is stored or under way; heldBy names who holds a chart's section.",
        [413] = "The body is too large.",
        [422] = "The key or id was used before with another content.",
        [429] = "Too many calls; Retry-After says when to try again.",
        [503] = "A part of the system can't be reached; Retry-After says when to try again.",
    };

    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var authorize = metadata.OfType<IAuthorizeData>().ToArray();
        var writes = context.Description.HttpMethod != HttpMethods.Get;
        List<int> statuses = [400];
        if (authorize.Length > 0)
        {
            operation.Security = [.. SchemesOf(authorize).Select(scheme => new OpenApiSecurityRequirement
            {
                [new OpenApiSecuritySchemeReference(scheme, context.Document)] = [],
            })];
            statuses.AddRange([401, 403, 503]);
            if (context.Description.RelativePath?.Contains('{', StringComparison.Ordinal) == true)
            {
                statuses.Add(404);
            }

            if (metadata.OfType<EnableRateLimitingAttribute>().Any())
            {
                statuses.Add(429);
            }

            if (writes)
            {
                statuses.AddRange([409, 413, 422]);
            }
        }

        operation.Responses ??= new OpenApiResponses();
        foreach (var status in statuses)
        {
            operation.Responses.TryAdd(status.ToString(CultureInfo.InvariantCulture), new OpenApiResponse
            {
                Description = Refusals[status],
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference(CommonParts.Problem, context.Document) },
                },
            });
        }

        return Task.CompletedTask;
    }

    /// <summary>Either of them will do.</summary>
    private static string[] SchemesOf(IReadOnlyList<IAuthorizeData> authorize) =>
        authorize.Any(a => a.Policy == SecurityPolicies.User) ? [CommonParts.Bearer]
        : authorize.Any(a => a.Policy == SecurityPolicies.Service) ? [CommonParts.ServiceKey]
        : [CommonParts.Bearer, CommonParts.ServiceKey];
}
