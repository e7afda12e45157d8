using System.Text.Json;
using System.Text.Json.Serialization;
using FluentValidation;
using FluentValidation.Validators;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Clinic.OpenApi;

/// <summary>Says of bodies what their validators ask, of answers what may be left out, and of times what they look like.</summary>
internal sealed class BodySchemas : IOpenApiSchemaTransformer
{
    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = context.JsonTypeInfo.Type;
        if ((Nullable.GetUnderlyingType(type) ?? type) == typeof(DateTimeOffset))
        {
            // The converter that writes them tells the generator nothing.
            schema.Type = type == typeof(DateTimeOffset) ? JsonSchemaType.String : JsonSchemaType.String | JsonSchemaType.Null;
            schema.Format = "date-time";
        }
        else if (!type.IsValueType && context.ApplicationServices.GetService(typeof(IValidator<>).MakeGenericType(type)) is IValidator validator)
        {
            // Fields are nullable so that a missing one can be named; which ones have to be there only the validator knows.
            schema.Required = validator.CreateDescriptor().GetMembersWithValidators()
                .Where(member => member.Any(rule => rule.Validator is INotNullValidator))
                .Select(member => JsonNamingPolicy.CamelCase.ConvertName(member.Key))
                .ToHashSet();
        }
        else
        {
            foreach (var property in context.JsonTypeInfo.Properties)
            {
                if (property.AttributeProvider?.IsDefined(typeof(JsonIgnoreAttribute), inherit: true) == true)
                {
                    // Left out when it is empty.
                    schema.Required?.Remove(property.Name);
                }
            }
        }

        return Task.CompletedTask;
    }
}
