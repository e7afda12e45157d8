using System.Diagnostics;
using Clinic.Security;

namespace Clinic.Hosting;

/// <summary>What an operator sees of a setting that is missing or wrong: real processes.</summary>
public sealed class StartTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("Production", "", "Auth__SigningKey")]
    [InlineData("Production", "", "Auth__Authority")]
    [InlineData("Staging", "Auth__ServiceKeys__0=abc", "Auth__SigningKey")]
    [InlineData("", "", "Auth__SigningKey")]
    [InlineData("Production", "Auth__SigningKey=", "Auth__SigningKey")]
    [InlineData("Production", "Auth__SigningKey=0123456789012345678901234567890", "32 bytes")]
    [InlineData("Development", "Auth__SigningKey=short", "32 bytes")]
    [InlineData("Production", $"Auth__SigningKey={AuthOptions.DevelopmentKey}", "Auth__SigningKey")]
    [InlineData("Production", "Auth__Authority=http://issuer.example", "Auth__Authority")]
    [InlineData("Production", "Auth__Authority=https://issuer.example Auth__SigningKey=01234567890123456789012345678901", "both")]
    [InlineData("Development", "Cluster__Mode=Sometimes", "Cluster__Mode")]
    [InlineData("Development", "Cluster__Mode=Clustered", "ConnectionStrings__Clinic")]
    [InlineData("Development", "Cluster__Mode=Clustered Storage__Provider=Sqlite", "Storage__Provider")]
    [InlineData("Development", "Storage__Provider=Oracle", "Storage__Provider")]
    [InlineData("Development", "Storage__Provider=PostgreSql ConnectionStrings__Clinic=Nonsense=secret", "ConnectionStrings__Clinic")]
    [InlineData("Development", "Limits__EventsPerSecond=many", "Limits__EventsPerSecond")]
    [InlineData("Development", "Limits__HubCallsPerSecond=-1", "HubCallsPerSecond")]
    [InlineData("Development", "Cors__Origins__0=https://a.example/path", "Cors__Origins__0")]
    [InlineData("Development", "Cors__Origins__0=*", "Cors__Origins__0")]
    [InlineData("Development", "Relay__MaxTopicsPerConnection=-5", "MaxTopicsPerConnection")]
    [InlineData("Development", "Charts__BreakGlassFor=00:00:00", "BreakGlassFor")]
    [InlineData("Development", "Privacy__Officers__0__Clinic=north", "Privacy__Officers__0__Users")]
    public async Task A_wrong_setting_ends_the_process_with_one_line_that_names_it(string environment, string settings, string named)
    {
        var (exitCode, error) = await RunAsync(environment, settings);
        Assert.Equal(1, exitCode);
        var line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(named, line, StringComparison.Ordinal);
        Assert.DoesNotContain("secret=", line, StringComparison.Ordinal);
        Assert.DoesNotContain("Nonsense", line, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Error)> RunAsync(string environment, string settings)
    {
        var directory = Directory.CreateTempSubdirectory("clinic-start-");
        var start = new ProcessStartInfo("dotnet", [typeof(ApiSettings).Assembly.Location])
        {
            WorkingDirectory = directory.FullName,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = environment;
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        foreach (var setting in settings.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = setting.IndexOf('=', StringComparison.Ordinal);
            start.Environment[setting[..at]] = setting[(at + 1)..];
        }

        using var process = Process.Start(start)!;
        try
        {
            using var patience = new CancellationTokenSource(Patience);
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var error = await process.StandardError.ReadToEndAsync(patience.Token);
            await output;
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, error);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The process did not end by itself with {environment} {settings}.");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }

            directory.Delete(recursive: true);
        }
    }
}
