using System.Diagnostics;

namespace Clinic.Databases;

/// <summary>Finds PostgreSQL's programs on this machine and runs them as a user that the server accepts: it refuses to run as root.</summary>
internal static class PostgreSqlBinaries
{
    private const string ServerUser = "postgres";
    private static readonly Lazy<string> Folder = new(Find);

    private static bool IsRoot => Environment.UserName == "root";

    public static string PathOf(string program) => Path.Combine(Folder.Value, program);

    public static ProcessStartInfo Command(string program, params string[] arguments) => AsServerUser(PathOf(program), arguments);

    public static ProcessStartInfo AsServerUser(string file, params string[] arguments)
    {
        var start = new ProcessStartInfo { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        if (IsRoot)
        {
            start.FileName = "runuser";
            start.ArgumentList.Add("-u");
            start.ArgumentList.Add(ServerUser);
            start.ArgumentList.Add("--");
            start.ArgumentList.Add(file);
        }
        else
        {
            start.FileName = file;
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // The server's user may not enter the directory the tests were started in.
        start.WorkingDirectory = "/";
        return start;
    }

    /// <summary>A new directory that belongs to the server's user.</summary>
    public static string CreateDirectory()
    {
        var path = Directory.CreateTempSubdirectory("clinic-pg-").FullName;
        if (IsRoot)
        {
            using var chown = Process.Start("chown", [ServerUser, path]);
            chown.WaitForExit();
        }

        return path;
    }

    public static async Task RunAsync(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}: {error}{await output}");
        }
    }

    private static string Find()
    {
        const string Versions = "/usr/lib/postgresql";
        var installed = Directory.Exists(Versions)
            ? Directory.GetDirectories(Versions).OrderByDescending(d => int.TryParse(Path.GetFileName(d), out var v) ? v : 0).Select(d => Path.Combine(d, "bin"))
            : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return installed.Concat(path).FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")) && File.Exists(Path.Combine(d, "pg_ctl")))
            ?? throw new InvalidOperationException("PostgreSQL's server programs (initdb, pg_ctl) are neither below /usr/lib/postgresql nor in PATH: install PostgreSQL 15 or newer.");
    }
}
