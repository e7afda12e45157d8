using System.Net;
using System.Text.Json.Nodes;

namespace Clinic.Records;

/// <summary>What tests of record routes ask of answers and events.</summary>
internal static class RecordAssert
{
    /// <summary>Asserts that both say the same, whatever the order of their fields.</summary>
    public static void SameJson(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"Expected {expected}, got {actual?.ToJsonString()}");

    /// <summary>Asserts that the clinic's events so far are exactly these, and returns them.</summary>
    public static async Task<IReadOnlyList<StoredEvent>> ExpectEventsAsync(this RecordApp app, string tenant, params string[] all)
    {
        var events = await app.EventsAsync(tenant);
        Assert.Equal(all, events.Select(e => e.ToString()));
        return events;
    }

    /// <summary>A list to its end, a page at a time.</summary>
    public static async Task<IReadOnlyList<JsonNode>> ReadAllAsync(this RecordClient client, string path, int limit = 50)
    {
        var all = new List<JsonNode>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await client.GetAsync($"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit={limit}{cursor}"))
                .Expect(HttpStatusCode.OK).Json;
            Assert.InRange(page["items"]!.AsArray().Count, 0, limit);
            all.AddRange(page["items"]!.AsArray().Select(item => item!));
            cursor = page["next"] is { } next ? $"&cursor={next}" : null;
        }

        return all;
    }
}
