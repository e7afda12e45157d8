using System.Text.Json;
using System.Text.Json.Nodes;
using Clinic.Presence;

namespace Clinic.Realtime;

public sealed class WireEntriesTests
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Entries_are_written_as_each_for_itself(int count)
    {
        var entries = Enumerable.Range(0, count).Select(i => EntryOf($"u{i}")).ToArray();
        Same(entries, new WireEntries(entries));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void One_more_comes_behind_the_others_and_is_nobody_elses(int count)
    {
        var entries = Enumerable.Range(0, count).Select(i => EntryOf($"u{i}")).ToArray();
        var shared = new WireEntries(entries);
        Same([.. entries, EntryOf("own")], shared.With(EntryOf("own")));
        Assert.Equal(count + 1, shared.With(EntryOf("own")).Count());
        Same(entries, shared);
        Assert.Equal(count, shared.Count());
    }

    private static void Same(PresenceEntry[] expected, WireEntries written) => Assert.True(JsonNode.DeepEquals(
        JsonSerializer.SerializeToNode(expected.Select(WireEntry.From), Json), JsonNode.Parse(JsonSerializer.Serialize(written, Json))));

    private static PresenceEntry EntryOf(string user) =>
        new(user, $"Zoë \"{user}\" <&>", "nurse", PresenceStatus.Active, 1, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), null, false, [], null);
}
