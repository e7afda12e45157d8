using Clinic.Records;
using Clinic.Security;
using Clinic.Topics;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Clinic.OpenApi;

/// <summary>Parameters that the ground of the routes reads, and not their handlers.</summary>
internal sealed class CommonParameters : IOpenApiOperationTransformer
{
    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var policies = metadata.OfType<IAuthorizeData>().Select(a => a.Policy).ToArray();
        var isRecord = metadata.OfType<RecordRoute>().Any();
        var parameters = operation.Parameters ??= [];
        if (metadata.OfType<PagedRoute>().FirstOrDefault() is { } paged)
        {
            parameters.Add(Of(ParameterLocation.Query, "limit", $"Items at most, {PageSize.Default} unless given.", new OpenApiSchema
            {
                Type = JsonSchemaType.Integer,
                Minimum = "1",
                Maximum = $"{PageSize.Max}",
            }));
            if (paged.HasCursor)
            {
                parameters.Add(Of(ParameterLocation.Query, "cursor", "The next of the answer before.", Text()));
            }
        }

        if (isRecord && context.Description.HttpMethod != HttpMethods.Get)
        {
            parameters.Add(Of(ParameterLocation.Header, IdempotencyKey.Header, "A repeat with the same key answers what the first answered, for 24 h.", Id()));
        }

        if (isRecord || policies.Contains(SecurityPolicies.Service))
        {
            parameters.Add(Of(ParameterLocation.Header, ServiceKeyHandler.TenantHeader, "The clinic; with a service key it has to be there.", Id()));
        }

        if (isRecord)
        {
            parameters.Add(Of(ParameterLocation.Header, ServiceKeyHandler.UserHeader, "With a service key: the user on whose behalf it happens.", Id()));
        }

        return Task.CompletedTask;
    }

    private static OpenApiParameter Of(ParameterLocation location, string name, string description, OpenApiSchema schema) =>
        new() { In = location, Name = name, Description = description, Schema = schema };

    private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };

    private static OpenApiSchema Id() => new() { Type = JsonSchemaType.String, MinLength = 1, MaxLength = Identifier.MaxLength };
}
