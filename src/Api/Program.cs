using Clinic.Charts;
using Clinic.Demo;
using Clinic.Errors;
using Clinic.Hosting;
using Clinic.Hosts;
using Clinic.OpenApi;
using Clinic.Publishing;
using Clinic.Realtime;
using Clinic.Records;
using Clinic.Security;
using Clinic.Settings;
using Clinic.Storage;
using Clinic.Telemetry;
using Microsoft.Extensions.Options;

if (args is [AccessLogCommand.Name, .. var options])
{
    return await AccessLogCommand.RunAsync(options, Console.Out, Console.Error);
}

try
{
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    var settings = ApiSettings.Read(builder.Configuration, builder.Environment);

    builder.AddLogDefaults();
    builder.AddWebServer(settings);
    builder.AddTelemetry();
    builder.Services.AddErrors();
    builder.Services.AddSecurity();
    builder.Services.AddPublishing();
    builder.Services.AddClinicStorage(settings.Storage);
    builder.Services.AddRecords();
    builder.Services.AddApiDescription();
    builder.AddDemo();
    if (settings.Mode == ClusterMode.Clustered)
    {
        builder.AddClusterClient(settings.Storage);
    }
    else
    {
        builder.AddEmbeddedSilo(settings.Storage);
    }

    // After Orleans, so that it starts when the silos can be reached, and stops before them.
    builder.Services.AddRealtime(builder.Environment.IsDevelopment());

    await using var app = builder.Build();
    app.Services.GetService<IStartupValidator>()?.Validate();
    await SchemaUpgrade.RunAsync(settings.Storage, app.Logger, app.Lifetime.ApplicationStopping);

    app.UsePipeline();
    app.MapTelemetry();
    app.MapDevToken();
    app.MapPublishing();
    app.MapRecords();
    app.MapDemo();
    app.MapRealtime();
    app.MapApiDescription();

    try
    {
        await app.RunAsync();
    }
    catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
    {
        // Told to stop before there was a silo to connect to.
    }

    return 0;
}
catch (Exception e) when (StartError.Describe(e) is { } line)
{
    await Console.Error.WriteLineAsync(line);
    return 1;
}
