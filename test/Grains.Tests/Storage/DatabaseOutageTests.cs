using System.Data.Common;
using Clinic.Databases;
using Clinic.Topics;
using Microsoft.Extensions.Logging.Abstractions;

namespace Clinic.Storage;

/// <summary>A PostgreSQL server that dies and comes back under a running process.</summary>
public sealed class DatabaseOutageTests
{
    [Fact]
    public async Task A_server_that_crashed_lost_nothing_that_was_committed_and_is_used_again_without_a_restart()
    {
        await using var server = await PostgreSqlServer.StartNewAsync();
        var options = new StorageOptions { Provider = StorageProvider.PostgreSql, ConnectionString = await server.CreateDatabaseAsync() };
        await SchemaUpgrade.RunAsync(options, NullLogger.Instance);
        await using var database = new ClinicDatabase(options);
        var store = new PostgreSqlEventStore(database, TimeProvider.System);
        var topic = TopicId.ForTenant("north");
        Assert.True(await AppendAsync());

        await server.StopAsync(immediate: true);
        await Assert.ThrowsAnyAsync<DbException>(AppendAsync);
        var refused = await Assert.ThrowsAsync<StorageSetupException>(() => SchemaUpgrade.RunAsync(options, NullLogger.Instance));
        Assert.Contains("ConnectionStrings__Clinic", refused.Message, StringComparison.Ordinal);
        await server.StartAsync();

        Assert.Equal(1, (await store.ReadHeadAsync(topic, default)).Offset);
        Assert.True(await AppendAsync());
        Assert.Equal([1, 2], (await store.ReadAsync(topic, 0, 10, default)).Select(e => e.Offset));

        async Task<bool> AppendAsync()
        {
            var head = await store.ReadHeadAsync(topic, default);
            var e = new TopicEvent("x", $"e{head.Offset}", head.Offset + 1, DateTimeOffset.UnixEpoch, "{}"u8.ToArray(), null);
            return Assert.Single(await store.AppendAsync([new LogAppend(topic, head, [e], [], [])], default));
        }
    }
}
