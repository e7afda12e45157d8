using System.Net;
using Clinic.Databases;

namespace Clinic.Storage;

/// <summary>Orleans' membership and reminders over our SQL on PostgreSQL.</summary>
public sealed class ClusterTablesTests : IAsyncLifetime
{
    private static readonly DateTime Start = new(2026, 3, 1, 8, 0, 0, DateTimeKind.Utc);
    private FreshDatabase _fresh = null!;
    private StorageSilo _silo = null!;

    public async Task InitializeAsync()
    {
        _fresh = await FreshDatabase.CreateAsync(StorageProvider.PostgreSql);
        _silo = StorageSilo.Create(_fresh);
        await _silo.Membership.InitializeMembershipTableAsync(tryInitTableVersion: true);
        await _silo.Reminders.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _silo.DisposeAsync();
        await _fresh.DisposeAsync();
    }

    [Fact]
    public async Task A_cluster_is_begun_once_and_by_itself()
    {
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            await using var silo = StorageSilo.Create(_fresh, "other");
            await silo.Membership.InitializeMembershipTableAsync(tryInitTableVersion: true);
        })));
        await using var other = StorageSilo.Create(_fresh, "other");
        await other.Membership.InitializeMembershipTableAsync(tryInitTableVersion: true);
        Assert.True(await InsertAsync(Silo(1)));

        var table = await other.Membership.ReadAllAsync();

        Assert.Empty(table.Members);
        Assert.Equal(0, table.Version.Version);
        await other.Membership.DeleteMembershipTableEntriesAsync("other");
        Assert.Single((await _silo.Membership.ReadAllAsync()).Members);
    }

    [Fact]
    public async Task A_silo_joins_changes_and_says_that_it_is_alive()
    {
        var entry = Silo(1);
        Assert.True(await InsertAsync(entry));
        Assert.Equal(1, await VersionAsync());

        entry.Status = SiloStatus.Active;
        entry.AddSuspector(Silo(2).SiloAddress, Start);
        Assert.True(await UpdateAsync(entry));
        entry.IAmAliveTime = Start.AddMinutes(3);
        await _silo.Membership.UpdateIAmAliveAsync(entry);

        var table = await _silo.Membership.ReadRowAsync(entry.SiloAddress);
        var (read, _) = Assert.Single(table.Members);
        Assert.Equal(2, table.Version.Version);
        Assert.Equal((SiloStatus.Active, "silo 1", "host", 30_001), (read.Status, read.SiloName, read.HostName, read.ProxyPort));
        Assert.Equal((Start, Start.AddMinutes(3)), (read.StartTime, read.IAmAliveTime));
        Assert.Equal((Silo(2).SiloAddress, Start), (read.SuspectTimes![0].Item1, read.SuspectTimes[0].Item2));
        Assert.Empty((await _silo.Membership.ReadRowAsync(Silo(3).SiloAddress)).Members);
        Assert.Single((await _silo.Membership.ReadAllAsync()).Members);
    }

    [Fact]
    public async Task An_outdated_version_or_a_silo_that_is_there_already_is_refused()
    {
        var before = (await _silo.Membership.ReadAllAsync()).Version;
        Assert.True(await InsertAsync(Silo(1)));

        Assert.False(await _silo.Membership.InsertRowAsync(Silo(2), before.Next()));
        Assert.False(await InsertAsync(Silo(1)));
        Assert.False(await UpdateAsync(Silo(2)));
        var etag = (await _silo.Membership.ReadAllAsync()).Members[0].Item2;
        Assert.False(await _silo.Membership.UpdateRowAsync(Silo(1), etag, before.Next()));

        Assert.Equal(1, await VersionAsync());
        Assert.Single((await _silo.Membership.ReadAllAsync()).Members);
    }

    [Fact]
    public async Task Of_racing_joins_or_changes_one_succeeds()
    {
        for (var round = 0; round < 5; round++)
        {
            var version = (await _silo.Membership.ReadAllAsync()).Version.Next();
            var joined = await Task.WhenAll(Enumerable.Range(1, 6).Select(i =>
                Task.Run(() => _silo.Membership.InsertRowAsync(Silo((round * 10) + i), version))));
            Assert.Single(joined, j => j);

            var table = await _silo.Membership.ReadAllAsync();
            Assert.Equal(round + 1, table.Members.Count);
            var (entry, etag) = table.Members[0];
            var changed = await Task.WhenAll(Enumerable.Range(1, 6).Select(_ =>
                Task.Run(() => _silo.Membership.UpdateRowAsync(entry, etag, table.Version.Next()))));
            Assert.Single(changed, c => c);
            Assert.Equal((round + 1) * 2, await VersionAsync());
        }
    }

    [Fact]
    public async Task Only_the_dead_of_long_ago_are_forgotten()
    {
        foreach (var (number, status, alive) in new[]
        {
            (1, SiloStatus.Dead, Start), (2, SiloStatus.Dead, Start.AddDays(9)), (3, SiloStatus.Active, Start),
        })
        {
            var entry = Silo(number);
            entry.Status = status;
            entry.IAmAliveTime = alive;
            Assert.True(await InsertAsync(entry));
        }

        await _silo.Membership.CleanupDefunctSiloEntriesAsync(Start.AddDays(8));

        Assert.Equal([2, 3], (await _silo.Membership.ReadAllAsync()).Members.Select(m => m.Item1.SiloAddress.Generation).Order());
        Assert.Equal(3, await VersionAsync());
    }

    [Fact]
    public async Task A_started_silo_is_a_gateway_that_its_cluster_s_clients_find()
    {
        await using var silo = await StorageSilo.StartAsync(_fresh);

        var member = Assert.Single((await silo.Membership.ReadAllAsync()).Members).Item1;
        var gateways = await _fresh.Database.ReadAsync(c => Dapper.SqlMapper.QueryAsync<int>(
            c, "select proxy_port from orleans_membership where deployment_id = 'probe' and status = 3 and proxy_port > 0"));

        Assert.Equal(SiloStatus.Active, member.Status);
        Assert.Equal([member.ProxyPort], gateways);
    }

    [Fact]
    public async Task A_reminder_is_set_overwritten_read_and_removed()
    {
        var grain = GrainId.Create("probe", "user/north/\U0001F3E5");
        var first = await _silo.Reminders.UpsertRow(Reminder(grain, "escalate", TimeSpan.FromDays(60)));
        var second = await _silo.Reminders.UpsertRow(Reminder(grain, "escalate", TimeSpan.FromMinutes(1)));
        await _silo.Reminders.UpsertRow(Reminder(grain, "other", TimeSpan.FromMinutes(1)));
        Assert.NotEqual(first, second);

        var read = await _silo.Reminders.ReadRow(grain, "escalate");
        Assert.Equal((grain, "escalate", Start, TimeSpan.FromMinutes(1), second), (read!.GrainId, read.ReminderName, read.StartAt, read.Period, read.ETag));
        Assert.Equal(2, (await _silo.Reminders.ReadRows(grain)).Reminders.Count);

        Assert.False(await _silo.Reminders.RemoveRow(grain, "escalate", first!));
        Assert.True(await _silo.Reminders.RemoveRow(grain, "escalate", second!));
        Assert.False(await _silo.Reminders.RemoveRow(grain, "escalate", second!));
        Assert.Null(await _silo.Reminders.ReadRow(grain, "escalate"));
        Assert.Equal(["other"], (await _silo.Reminders.ReadRows(grain)).Reminders.Select(r => r.ReminderName));
    }

    [Fact]
    public async Task Every_reminder_is_in_exactly_one_of_two_ranges_that_make_the_ring()
    {
        var grains = Enumerable.Range(0, 40).Select(i => GrainId.Create("probe", $"user/{i}")).ToList();
        foreach (var grain in grains)
        {
            await _silo.Reminders.UpsertRow(Reminder(grain, "r", TimeSpan.FromDays(30)));
        }

        foreach (var (begin, end) in new[] { (0u, 0x8000_0000u), (0x4000_0000u, 0xC000_0000u), (0x8000_0001u, 0xFFFF_FFF0u) })
        {
            var inside = (await _silo.Reminders.ReadRows(begin, end)).Reminders.Select(r => r.GrainId).ToList();
            var outside = (await _silo.Reminders.ReadRows(end, begin)).Reminders.Select(r => r.GrainId).ToList();

            Assert.Equal(grains.ToHashSet(), inside.Concat(outside).ToHashSet());
            Assert.Equal(grains.Count, inside.Count + outside.Count);
            Assert.All(inside, g => Assert.True(g.GetUniformHashCode() > begin && g.GetUniformHashCode() <= end));
        }

        Assert.Equal(grains.Count, (await _silo.Reminders.ReadRows(7, 7)).Reminders.Count);
    }

    private static MembershipEntry Silo(int number) => new()
    {
        SiloAddress = SiloAddress.New(IPAddress.Loopback, 11_000 + number, number),
        SiloName = $"silo {number}",
        HostName = "host",
        Status = SiloStatus.Joining,
        ProxyPort = 30_000 + number,
        StartTime = Start,
        IAmAliveTime = Start,
    };

    private static ReminderEntry Reminder(GrainId grain, string name, TimeSpan period) =>
        new() { GrainId = grain, ReminderName = name, StartAt = Start, Period = period };

    private async Task<int> VersionAsync() => (await _silo.Membership.ReadAllAsync()).Version.Version;

    private async Task<bool> InsertAsync(MembershipEntry entry) =>
        await _silo.Membership.InsertRowAsync(entry, (await _silo.Membership.ReadAllAsync()).Version.Next());

    private async Task<bool> UpdateAsync(MembershipEntry entry)
    {
        var table = await _silo.Membership.ReadAllAsync();
        return await _silo.Membership.UpdateRowAsync(entry, table.Version.VersionEtag, table.Version.Next());
    }
}
