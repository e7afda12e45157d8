using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Clinic.Security;

/// <summary>Registers who may call and puts the checks in front of the routes.</summary>
internal static partial class SecurityServices
{
    private const string EitherScheme = "Either";

    /// <summary>Registers authentication and authorization. An <see cref="ITopicAuthorizer"/> that is registered already stays.</summary>
    public static IServiceCollection AddSecurity(this IServiceCollection services)
    {
        services.AddSingleton<ServiceKeys>();
        services.AddSingleton<TokenValidator>();
        services.TryAddSingleton<ITopicAuthorizer, TopicAuthorizer>();
        services
            .AddAuthentication(EitherScheme)
            .AddPolicyScheme(EitherScheme, null, scheme => scheme.ForwardDefaultSelector = context =>
                ServiceKeyHandler.IsUsedBy(context.Request) ? ServiceKeyHandler.Scheme : JwtBearerDefaults.AuthenticationScheme)
            .AddScheme<AuthenticationSchemeOptions, ServiceKeyHandler>(ServiceKeyHandler.Scheme, null)
            .AddJwtBearer();
        services.AddSingleton<IConfigureOptions<JwtBearerOptions>, TokenRules>();
        services.AddAuthorization(SecurityPolicies.AddTo);
        return services;
    }

    /// <summary>Authentication, the tenant rule, authorization, in this order.</summary>
    public static WebApplication UseSecurity(this WebApplication app)
    {
        var auth = app.Services.GetRequiredService<IOptions<AuthOptions>>().Value;
        if (auth.SigningKey == AuthOptions.DevelopmentKey)
        {
            UsesDevelopmentKey(app.Logger);
        }
        else if (auth is { Authority: not null, Audience: null })
        {
            ChecksNoAudience(app.Logger);
        }

        app.UseAuthentication();
        app.Use(next => context => TenantRule.CheckAsync(context, next));
        app.UseAuthorization();
        return app;
    }

    [LoggerMessage(1, LogLevel.Warning, "Tokens are signed with the development key, which everybody knows. Set Auth__SigningKey or Auth__Authority for anything but development.")]
    private static partial void UsesDevelopmentKey(ILogger logger);

    [LoggerMessage(2, LogLevel.Warning, "Auth__Audience is not set: a token that the authority issued for any application is taken.")]
    private static partial void ChecksNoAudience(ILogger logger);
}
