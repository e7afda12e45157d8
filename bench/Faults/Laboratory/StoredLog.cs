using System.Text.Json;
using Clinic.Faults.Check;
using Npgsql;

namespace Clinic.Faults.Laboratory;

/// <summary>Reads the event log of some topics from the database.</summary>
internal static class StoredLog
{
    public static async Task<IReadOnlyList<LogRow>> ReadAsync(string database, IReadOnlyList<TopicName> topics)
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = """
            select event.topic, coalesce(log.epoch, (select epoch from installation)), event."offset", event.data
            from topic_event event left join topic_log log on log.topic = event.topic
            where event.topic = any(@keys)
            order by event.topic, event."offset"
            """;
        var byKey = topics.ToDictionary(KeyOf);
        command.Parameters.AddWithValue("keys", byKey.Keys.ToArray());
        var rows = new List<LogRow>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            using var data = JsonDocument.Parse(reader.GetString(3));
            var id = data.RootElement.ValueKind == JsonValueKind.Object && data.RootElement.TryGetProperty("seq", out var sequence) ? sequence.GetInt64() : -1;
            rows.Add(new LogRow(byKey[reader.GetString(0)], reader.GetString(1), reader.GetInt64(2), id));
        }

        return rows;
    }

    // Marks have letters and digits only, so that nothing needs to be escaped but what stands between kind and id.
    private static string KeyOf(TopicName name) => name.Topic == "tenant"
        ? $"tenant/{name.Clinic}"
        : $"{name.Topic.Split(':')[0]}/{name.Clinic}/{name.Topic.Split(':')[1]}";
}
