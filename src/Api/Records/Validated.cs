using Clinic.Errors;
using FluentValidation;

namespace Clinic.Records;

/// <summary>Runs the registered validator of a handler's body before the handler, and answers 400 with the fields it found fault with.</summary>
internal static class Validated
{
    /// <summary>For <c>AddEndpointFilterFactory</c>: costs nothing on routes without a validator.</summary>
    public static EndpointFilterDelegate Factory(EndpointFilterFactoryContext context, EndpointFilterDelegate next)
    {
        var parameters = context.MethodInfo.GetParameters();
        for (var i = 0; i < parameters.Length; i++)
        {
            var type = parameters[i].ParameterType;
            if (!type.IsValueType
                && context.ApplicationServices.GetService(typeof(IValidator<>).MakeGenericType(type)) is IValidator validator)
            {
                return WithValidator(validator, i, next);
            }
        }

        return next;
    }

    private static EndpointFilterDelegate WithValidator(IValidator validator, int argument, EndpointFilterDelegate next) =>
        async invocation =>
        {
            var result = await validator.ValidateAsync(
                new ValidationContext<object?>(invocation.Arguments[argument]), invocation.HttpContext.RequestAborted);
            return result.IsValid
                ? await next(invocation)
                : Problems.Invalid(result.Errors
                    .GroupBy(e => FieldName(e.PropertyName), e => e.ErrorMessage)
                    .ToDictionary(g => g.Key, g => g.Distinct().ToArray()));
        };

    /// <summary>The field as the client wrote it: <c>StartsAt</c> is <c>startsAt</c>; a rule of the whole body is <c>body</c>.</summary>
    private static string FieldName(string property) =>
        property.Length == 0
            ? "body"
            : string.Join('.', property.Split('.').Select(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName));
}
