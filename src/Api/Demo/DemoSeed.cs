using Clinic.Storage;

namespace Clinic.Demo;

/// <summary>
/// Writes the sample clinics once, and a day of appointments for every day on which it runs. Any number of hosts may do it at once: who comes
/// second finds everything there. It leaves no events: nobody has seen the clinics before.
/// </summary>
internal sealed class DemoSeed(ClinicDatabase database, TimeProvider time)
{
    /// <summary>Writes what is not there yet, in one transaction.</summary>
    /// <exception cref="System.Data.Common.DbException">The database can't be reached or refused.</exception>
    public Task WriteAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMillisecond));
        return database.WriteAsync(
            async transaction =>
            {
                foreach (var clinic in DemoClinic.All)
                {
                    if (await DemoRecords.BeginAsync(transaction, clinic, now))
                    {
                        await DemoRecords.WriteAsync(transaction, clinic, now);
                    }

                    await DemoDay.WriteAsync(transaction, clinic, now);
                }

                return true;
            },
            cancellation);
    }
}
