using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Clinic.OpenApi;

/// <summary>The Api as its program puts it together, with a silo inside and a database of its own.</summary>
public class WholeApi(string environment) : WebApplicationFactory<Program>
{
    private readonly string _directory = Directory.CreateTempSubdirectory("clinic-whole-").FullName;

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment(environment);
        builder.UseSetting("ConnectionStrings:Clinic", $"Data Source={Path.Combine(_directory, "clinic.db")}");
        builder.UseSetting("Auth:SigningKey", "a signing key of the tests, 32 bytes or more");
        builder.ConfigureLogging(logging => logging.ClearProviders());
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
        GC.SuppressFinalize(this);
    }
}

/// <summary>In Development.</summary>
public sealed class DevelopmentApi() : WholeApi("Development");

/// <summary>As a customer runs it.</summary>
public sealed class ProductionApi() : WholeApi("Production");
