using System.Diagnostics;
using Clinic.Databases;
using Clinic.Hosting;
using Clinic.Storage;
using Clinic.Topics;
using Dapper;

namespace Clinic.Charts;

/// <summary>What an operator sees of <c>verify-access-log</c>: real processes.</summary>
public sealed class AccessLogCommandTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(StorageProvider.Sqlite)]
    [InlineData(StorageProvider.PostgreSql)]
    public async Task It_says_for_each_clinic_whether_its_log_is_intact_and_names_the_first_row_that_is_not(StorageProvider provider)
    {
        await using var fresh = await FreshDatabase.CreateAsync(provider);
        var store = new ChartStore(fresh.Database, TimeProvider.System);
        await store.OpenAsync(Interval("n1", "north"), default);
        await store.CloseAsync([new AccessEnd("n1", Start.AddMinutes(1), "user")], default);
        await store.OpenAsync(Interval("s1", "south\nclinic evil: 9 entries, intact"), default);

        var (code, output, error) = await RunAsync(fresh.Options);
        Assert.Equal((0, ""), (code, error));
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Matches("^clinic north: 2 entries, intact, head [0-9a-f]{64}$", lines[0]);
        Assert.Matches(@"^clinic south\\u000aclinic evil: 9 entries, intact: 1 entries, intact, head [0-9a-f]{64}$", lines[1]);

        var head = lines[0][^64..];
        Assert.Equal((0, lines[0] + "\n", ""), await RunAsync(fresh.Options, "--tenant", "north", "--head", head));
        (code, output, _) = await RunAsync(fresh.Options, "--tenant", "north", "--head", new string('a', 64));
        Assert.Equal((1, "clinic north: broken, no entry has the head that was kept: entries were removed, or the log was written anew\n"), (code, output));

        await fresh.Database.WriteAsync(t => t.Connection!.ExecuteAsync("update chart_access set user_id = 'nobody' where id = 'n1'", transaction: t));
        (code, output, _) = await RunAsync(fresh.Options);
        Assert.Equal(1, code);
        Assert.Equal($"clinic north: broken, entry 1: chart_access n1: user_id is not what the entry says\n{lines[1]}\n", output);
        Assert.Equal(0, (await RunAsync(fresh.Options, "--tenant", lines[1])).ExitCode);
    }

    [Theory]
    [InlineData("--head", "0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("--tenant")]
    [InlineData("--tenant", "north", "--head", "abc")]
    [InlineData("--tenants", "north")]
    public async Task What_it_does_not_understand_is_answered_with_its_usage(params string[] args)
    {
        var error = new StringWriter();
        Assert.Equal(2, await AccessLogCommand.RunAsync(args, TextWriter.Null, error));
        Assert.StartsWith("Usage: verify-access-log", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_not_an_intact_log()
    {
        using var file = new SqliteFile();
        var (code, output, error) = await RunAsync(new StorageOptions { Provider = StorageProvider.Sqlite, ConnectionString = file.ConnectionString });
        Assert.Equal((2, ""), (code, output));
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.False(File.Exists(file.Path));
    }

    private static AccessInterval Interval(string id, string tenant) => new(id, TopicId.ForPatient(tenant, "p1"), "ann", "Ann", "ward round", Start);

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(StorageOptions options, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ApiSettings).Assembly.Location, AccessLogCommand.Name, .. args])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        // No signing key: it needs none.
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["Storage__Provider"] = options.Provider.ToString();
        start.Environment["ConnectionStrings__Clinic"] = options.ConnectionString;
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var error = await process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output, error);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException("The command did not end.");
        }
    }
}
