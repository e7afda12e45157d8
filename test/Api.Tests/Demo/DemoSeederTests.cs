using System.Threading.Channels;
using Clinic.Databases;
using Clinic.Storage;
using Dapper;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Clinic.Demo;

public sealed class DemoSeederTests
{
    [Fact]
    public async Task It_waits_for_the_start_and_writes_each_new_day_when_it_begins()
    {
        await using var fresh = await FreshDatabase.CreateAsync(StorageProvider.Sqlite);
        var clock = new Clock();
        using var lifetime = new Lifetime();
        using var seeder = new DemoSeeder(new DemoSeed(fresh.Database, clock), lifetime, clock, NullLogger<DemoSeeder>.Instance);
        await seeder.StartAsync(CancellationToken.None);
        Assert.Equal(0, await AppointmentsAsync(fresh.Database));

        lifetime.Start();
        await clock.ArmedAsync();
        Assert.Equal(32, await AppointmentsAsync(fresh.Database));
        clock.Advance(TimeSpan.FromHours(12));
        await clock.ArmedAsync();
        Assert.Equal(64, await AppointmentsAsync(fresh.Database));
        await seeder.StopAsync(CancellationToken.None);
    }

    private static Task<long> AppointmentsAsync(ClinicDatabase database) =>
        database.ReadAsync(c => c.ExecuteScalarAsync<long>("select count(*) from appointment"));

    /// <summary>Tells when somebody waits for it.</summary>
    private sealed class Clock() : FakeTimeProvider(new DateTimeOffset(2031, 5, 6, 12, 0, 0, TimeSpan.Zero))
    {
        private readonly Channel<bool> _armed = Channel.CreateUnbounded<bool>();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _armed.Writer.TryWrite(true);
            return timer;
        }

        public async Task ArmedAsync()
        {
            try
            {
                await _armed.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
            }
            catch (TimeoutException)
            {
                Assert.Fail("The seeder never waited for the next day.");
            }
        }
    }

    private sealed class Lifetime : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _started = new();

        public CancellationToken ApplicationStarted => _started.Token;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void Start() => _started.Cancel();

        public void StopApplication()
        {
        }

        public void Dispose() => _started.Dispose();
    }
}
