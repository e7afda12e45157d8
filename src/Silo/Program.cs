using System.Globalization;
using Clinic.Hosts;
using Clinic.Settings;
using Clinic.Storage;
using Clinic.Telemetry;
using Microsoft.Extensions.Options;

try
{
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    var storage = builder.Configuration.ReadStorage(clustered: true, Directory.GetCurrentDirectory());
    var silo = builder.Configuration.ReadSection<SiloOptions>("Silo");

    builder.WebHost.UseUrls($"http://{silo.Address}:{silo.HttpPort.ToString(CultureInfo.InvariantCulture)}");
    builder.AddLogDefaults();
    builder.AddTelemetry();
    builder.Services.AddClinicStorage(storage);
    builder.AddClusterSilo(storage);

    await using var app = builder.Build();
    app.Services.GetService<IStartupValidator>()?.Validate();
    await SchemaUpgrade.RunAsync(storage, app.Logger, app.Lifetime.ApplicationStopping);
    app.MapTelemetry();

    await app.RunAsync();
    return 0;
}
catch (Exception e) when (StartError.Describe(e) is { } line)
{
    await Console.Error.WriteLineAsync(line);
    return 1;
}
