using Clinic.Errors;
using Clinic.Realtime;
using Clinic.Security;
using Clinic.WebApp;

namespace Clinic.Hosting;

/// <summary>What every request passes, in order.</summary>
internal static class Pipeline
{
    /// <summary>Puts it in front of the routes.</summary>
    public static WebApplication UsePipeline(this WebApplication app)
    {
        app.UseErrors();
        // Ahead of the routes: it takes nothing that may be theirs.
        app.UseWebApp();
        app.UseRouting();
        // Ahead of authentication: a preflight has no token, and a page has to be able to read its 401.
        app.UseCors();
        app.UseRealtime();
        app.UseSecurity();
        // After it: a limit belongs to a clinic, and nobody without a key may use it up.
        app.UseRateLimiter();
        return app;
    }
}
