namespace Clinic.Errors;

/// <summary>Makes every refusal and failure of REST a problem document.</summary>
internal static class ErrorServices
{
    /// <summary>Registers it.</summary>
    public static IServiceCollection AddErrors(this IServiceCollection services)
    {
        services.AddProblemDetails();
        services.AddExceptionHandler<ProblemExceptionHandler>();
        // In every environment alike: by default only Development throws, and the others answer an empty 400.
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        return services;
    }

    /// <summary>First in the pipeline, so that nothing gets past it.</summary>
    public static IApplicationBuilder UseErrors(this IApplicationBuilder app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages(pages => StatusProblems.For(pages.HttpContext.Response.StatusCode).ExecuteAsync(pages.HttpContext));
        return app;
    }
}
