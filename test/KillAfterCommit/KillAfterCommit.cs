using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace Clinic;

/// <summary>
/// Runs inside an Api process that a test starts, and kills it with SIGKILL when a record write has been committed and its topics have not
/// been told yet: at the counter that the writer raises in between. So the product needs no fault point.
/// </summary>
internal static class KillAfterCommit
{
    /// <summary>How many writes are committed before the process ends; it ends with the last of them.</summary>
    public const string Variable = "CLINIC_TEST_KILL_AFTER_WRITES";

    private static MeterListener? _listener;
    private static long _left;

    /// <summary>The assembly for <c>DOTNET_STARTUP_HOOKS</c>.</summary>
    public static string Assembly => typeof(KillAfterCommit).Assembly.Location;

    public static void Arm()
    {
        _left = long.Parse(Environment.GetEnvironmentVariable(Variable)!, CultureInfo.InvariantCulture);
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "clinic.records.writes")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        _listener.SetMeasurementEventCallback<long>((_, written, _, _) =>
        {
            if (Interlocked.Add(ref _left, -written) <= 0)
            {
                Process.GetCurrentProcess().Kill();
            }
        });
        _listener.Start();
    }
}
