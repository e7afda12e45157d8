using Clinic.Settings;

namespace Clinic.Demo;

/// <summary>Registers and maps the sample clinics.</summary>
internal static class DemoServices
{
    /// <summary>Has the sample clinics written after the start, in Development or where <c>Demo__Seed</c> asks for it.</summary>
    /// <exception cref="SettingException">The setting has the wrong form.</exception>
    public static WebApplicationBuilder AddDemo(this WebApplicationBuilder builder)
    {
        if (builder.Configuration.ReadSection<DemoOptions>("Demo").Seed ?? builder.Environment.IsDevelopment())
        {
            builder.Services.AddSingleton<DemoSeed>();
            builder.Services.AddHostedService<DemoSeeder>();
        }

        return builder;
    }

    /// <summary>Maps who can be signed in as, for a page that offers them; in Development only, where there are tokens for the asking.</summary>
    public static void MapDemo(this WebApplication app)
    {
        if (app.Environment.IsDevelopment() && app.Services.GetService<DemoSeed>() is not null)
        {
            app.MapGet("/api/demo/staff", () => TypedResults.Ok<IReadOnlyList<DemoUser>>([.. DemoClinic.All.SelectMany(clinic => clinic.Staff)]))
                .AllowAnonymous()
                .WithTags("Development")
                .WithSummary("The staff of the sample clinics, to ask for tokens with.")
                .Produces<IReadOnlyList<DemoUser>>();
        }
    }
}
