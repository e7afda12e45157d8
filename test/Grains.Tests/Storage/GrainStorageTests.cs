using Clinic.Databases;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace Clinic.Storage;

/// <summary>Orleans' grain storage over our SQL, in a running silo, on each database.</summary>
public abstract class GrainStorageTests(GrainStorageFixture fixture)
{
    [Fact]
    public async Task State_is_written_read_changed_and_cleared()
    {
        var storage = fixture.Storage;
        const string Name = "cycle";
        foreach (var key in new[] { "n/\U0001F3E5 'x'", "7", "00000000000000000000000000000007+ext", "7+ext" })
        {
            var id = GrainId.Create("probe", key);
            var written = new GrainState<Probe>(new Probe { Text = "\"ü\"\u0001", Count = 0 });
            await storage.WriteStateAsync(Name, id, written);
            written.State!.Count = 2;
            await storage.WriteStateAsync(Name, id, written);

            var read = new GrainState<Probe>();
            await storage.ReadStateAsync(Name, id, read);
            Assert.True(read.RecordExists);
            Assert.Equal(("\"ü\"\u0001", 2, written.ETag), (read.State!.Text, read.State.Count, read.ETag));

            await storage.ClearStateAsync(Name, id, read);
            Assert.False(read.RecordExists);
            await storage.ReadStateAsync(Name, id, read);
            Assert.False(read.RecordExists);
            Assert.Null(read.ETag);
        }

        Assert.Equal(0, await CountAsync(fixture.Fresh, Name));
    }

    [Fact]
    public void Grains_that_name_no_storage_get_the_clinic_s() =>
        Assert.Same(fixture.Storage, fixture.Default);

    [Fact]
    public async Task Keys_and_state_names_do_not_meet()
    {
        var storage = fixture.Storage;
        var places = new[] { ("a", "thread/x"), ("a", "thread/X"), ("b", "thread/x"), ("a", "5"), ("a", "5+thread/x") };
        foreach (var (name, key) in places)
        {
            await storage.WriteStateAsync(name, GrainId.Create("probe", key), new GrainState<Probe>(new Probe { Text = name + key }));
        }

        foreach (var (name, key) in places)
        {
            var read = new GrainState<Probe>();
            await storage.ReadStateAsync(name, GrainId.Create("probe", key), read);
            Assert.Equal(name + key, read.State!.Text);
        }
    }

    [Fact]
    public async Task A_write_with_an_outdated_version_is_refused()
    {
        var storage = fixture.Storage;
        var id = GrainId.Create("probe", "n/conflict");
        var first = new GrainState<Probe>(new Probe { Count = 1 });
        await storage.WriteStateAsync("state", id, first);
        var old = new GrainState<Probe>(new Probe { Count = 9 }, first.ETag);
        await storage.WriteStateAsync("state", id, first);

        await RefusedAsync(() => storage.WriteStateAsync("state", id, old));
        await RefusedAsync(() => storage.ClearStateAsync("state", id, old));
        await RefusedAsync(() => storage.WriteStateAsync("state", id, new GrainState<Probe>(new Probe())));

        var latest = first.ETag;
        await storage.ClearStateAsync("state", id, first);
        await RefusedAsync(() => storage.WriteStateAsync("state", id, new GrainState<Probe>(new Probe(), latest)));
        // What was deleted and made again does not take a write that was meant for its former life.
        await storage.WriteStateAsync("state", id, new GrainState<Probe>(new Probe { Count = 3 }));
        await RefusedAsync(() => storage.WriteStateAsync("state", id, new GrainState<Probe>(new Probe(), latest)));

        var read = new GrainState<Probe>();
        await storage.ReadStateAsync("state", id, read);
        Assert.Equal(3, read.State!.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_racing_writes_one_succeeds(bool exists)
    {
        var storage = fixture.Storage;
        var id = GrainId.Create("probe", $"n/race-{exists}");
        var start = new GrainState<Probe>(new Probe());
        if (exists)
        {
            await storage.WriteStateAsync("state", id, start);
        }

        var done = await Task.WhenAll(Enumerable.Range(1, 12).Select(i => Task.Run(async () =>
        {
            try
            {
                await storage.WriteStateAsync("state", id, new GrainState<Probe>(new Probe { Count = i }, start.ETag));
                return i;
            }
            catch (InconsistentStateException)
            {
                return 0;
            }
        })));

        var winner = Assert.Single(done, i => i > 0);
        var read = new GrainState<Probe>();
        await storage.ReadStateAsync("state", id, read);
        Assert.Equal(winner, read.State!.Count);
    }

    [Fact]
    public async Task Who_listens_to_a_stream_is_still_known_after_a_restart_and_nothing_is_left_after_the_last_one()
    {
        await using var fresh = await FreshDatabase.CreateAsync(fixture.Provider);
        var stream = StreamId.Create("probe", "host:1");
        Guid listening;
        await using (var silo = await StorageSilo.StartAsync(fresh))
        {
            var streams = silo.Services.GetRequiredService<IClusterClient>().GetStreamProvider(StorageSilo.Streams).GetStream<string>(stream);
            listening = (await streams.SubscribeAsync((_, _) => Task.CompletedTask)).HandleId;
            var other = await streams.SubscribeAsync((_, _) => Task.CompletedTask);
            await other.UnsubscribeAsync();
            Assert.Equal(1, await CountAsync(fresh));
        }

        await using (var silo = await StorageSilo.StartAsync(fresh))
        {
            var subscriptions = silo.Services.GetRequiredService<IStreamSubscriptionManagerAdmin>()
                .GetStreamSubscriptionManager(StreamSubscriptionManagerType.ExplicitSubscribeOnly);
            Assert.Equal([listening], (await subscriptions.GetSubscriptions(StorageSilo.Streams, stream)).Select(s => s.SubscriptionId));
            await subscriptions.RemoveSubscription(StorageSilo.Streams, stream, listening);
            Assert.Empty(await subscriptions.GetSubscriptions(StorageSilo.Streams, stream));
            Assert.Equal(0, await CountAsync(fresh));
        }
    }

    private static Task<InconsistentStateException> RefusedAsync(Func<Task> write) => Assert.ThrowsAsync<InconsistentStateException>(write);

    private static Task<long> CountAsync(FreshDatabase fresh, string? name = null) => fresh.Database.ReadAsync(c => c.ExecuteScalarAsync<long>(
        "select count(*) from orleans_storage where grain_type = coalesce(@name, grain_type)", new { name }));

    /// <summary>Some state.</summary>
    public sealed class Probe
    {
        public string Text { get; set; } = "initial";

        /// <summary>Its initial value is not the type's own, so that a zero that is not stored is noticed.</summary>
        public int Count { get; set; } = 5;
    }
}

/// <summary>A running silo on a database of its own, shared by the tests of one class.</summary>
public abstract class GrainStorageFixture(StorageProvider provider) : IAsyncLifetime
{
    private StorageSilo _silo = null!;

    public StorageProvider Provider => provider;

    public FreshDatabase Fresh { get; private set; } = null!;

    public IGrainStorage Default => _silo.Services.GetRequiredService<IGrainStorage>();

    public IGrainStorage Storage => _silo.Storage(StorageServices.GrainStore);

    public async Task InitializeAsync()
    {
        Fresh = await FreshDatabase.CreateAsync(provider);
        _silo = await StorageSilo.StartAsync(Fresh);
    }

    public async Task DisposeAsync()
    {
        await _silo.DisposeAsync();
        await Fresh.DisposeAsync();
    }
}

/// <summary>Grain storage on PostgreSQL.</summary>
public sealed class PostgreSqlGrainStorageTests(PostgreSqlGrainStorageTests.Fixture fixture)
    : GrainStorageTests(fixture), IClassFixture<PostgreSqlGrainStorageTests.Fixture>
{
    public sealed class Fixture() : GrainStorageFixture(StorageProvider.PostgreSql);
}

/// <summary>Grain storage on SQLite.</summary>
public sealed class SqliteGrainStorageTests(SqliteGrainStorageTests.Fixture fixture)
    : GrainStorageTests(fixture), IClassFixture<SqliteGrainStorageTests.Fixture>
{
    public sealed class Fixture() : GrainStorageFixture(StorageProvider.Sqlite);
}
