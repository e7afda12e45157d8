using System.Data.Common;
using System.Globalization;
using System.Text;
using Clinic.Hosting;
using Clinic.Settings;
using Clinic.Storage;
using Microsoft.Data.Sqlite;

namespace Clinic.Charts;

/// <summary>
/// The command <c>verify-access-log</c>: checks the access log of one clinic or of all in the configured database, without starting a server and without
/// changing anything.
/// </summary>
internal static class AccessLogCommand
{
    /// <summary>The first argument, which makes the process this command.</summary>
    public const string Name = "verify-access-log";
    private const string Usage = $"Usage: {Name} [--tenant CLINIC [--head HASH]]";
    private const int Intact = 0;
    private const int Broken = 1;
    private const int NotChecked = 2;

    /// <summary>Runs it; one line a clinic.</summary>
    /// <returns>The exit code: 0 when all is intact, 1 when something is wrong, 2 when it could not be checked.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        if (!TryRead(args, out var tenant, out var head))
        {
            await error.WriteLineAsync(Usage);
            return NotChecked;
        }

        try
        {
            // The same configuration as the server's.
            var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
            await using var database = new ClinicDatabase(Existing(ApiSettings.ReadStorage(builder.Configuration)));
            return await VerifyAsync(new AccessVerifier(database), tenant, head, output);
        }
        catch (DbException e)
        {
            await error.WriteLineAsync($"The access log can't be read: {e.Message.ReplaceLineEndings(" ")}");
            return NotChecked;
        }
        catch (Exception e) when (StartError.Describe(e) is { } line)
        {
            await error.WriteLineAsync(line);
            return NotChecked;
        }
    }

    private static async Task<int> VerifyAsync(AccessVerifier verifier, string? tenant, string? head, TextWriter output)
    {
        var code = Intact;
        foreach (var clinic in tenant is null ? await verifier.ClinicsAsync() : [tenant])
        {
            var verdict = await verifier.VerifyAsync(clinic, head);
            await output.WriteLineAsync(verdict.Fault is null
                ? string.Create(CultureInfo.InvariantCulture, $"clinic {OneLine(clinic)}: {verdict.Entries} entries, intact, head {verdict.Head}")
                : $"clinic {OneLine(clinic)}: broken, {OneLine(verdict.Fault)}");
            code = verdict.Fault is null ? code : Broken;
        }

        return code;
    }

    private static bool TryRead(string[] args, out string? tenant, out string? head)
    {
        (tenant, head) = (null, null);
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i])
            {
                case "--tenant" when value is not null && tenant is null:
                    tenant = value;
                    break;
                case "--head" when value is { Length: 64 } && value.All(char.IsAsciiHexDigit) && head is null:
                    head = value.ToLowerInvariant();
                    break;
                default:
                    return false;
            }
        }

        // A head is one clinic's.
        return head is null || tenant is not null;
    }

    /// <summary>A database that is not there is not made: an empty one would pass for an intact log.</summary>
    private static StorageOptions Existing(StorageOptions options) => options.Provider == StorageProvider.PostgreSql ? options : new StorageOptions
    {
        Provider = options.Provider,
        ConnectionString = new SqliteConnectionStringBuilder(options.ConnectionString) { Mode = SqliteOpenMode.ReadWrite }.ConnectionString,
    };

    /// <summary>An id may have line breaks in it, and whoever reads the output counts on lines.</summary>
    private static string OneLine(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            _ = char.IsControl(c) ? line.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : line.Append(c);
        }

        return line.ToString();
    }
}
