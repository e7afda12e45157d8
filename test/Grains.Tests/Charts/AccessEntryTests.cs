namespace Clinic.Charts;

public sealed class AccessEntryTests
{
    private static readonly AccessEntry Entry = AccessEntry.OfOpening(
        new AccessRow
        {
            Id = "i1",
            Tenant = "north",
            PatientId = "p1",
            UserId = "ann",
            Name = "Ann",
            Reason = "ward round",
            OpenedAt = new DateTimeOffset(2026, 3, 1, 8, 0, 0, TimeSpan.Zero),
        },
        new DateTimeOffset(2026, 3, 1, 8, 0, 1, TimeSpan.Zero)) with { Sequence = 1 };

    [Fact]
    public void The_hash_of_an_entry_is_the_same_in_every_version() =>
        Assert.Equal("37da3579d6bc4cccfba08694ddd25fd5f8dea708ddc20caf612e33417475bfea", Entry.HashAfter(AccessEntry.NoHash));

    [Fact]
    public void Every_field_and_the_entry_before_are_in_the_hash()
    {
        AccessEntry[] others =
        [
            Entry with { Tenant = "south" },
            Entry with { Sequence = 2 },
            Entry with { Kind = AccessEntry.Closed },
            Entry with { IntervalId = "i2" },
            Entry with { PatientId = "p2" },
            Entry with { UserId = "ben" },
            Entry with { Name = "Ben" },
            Entry with { Reason = null },
            Entry with { At = Entry.At.AddMilliseconds(1) },
            Entry with { ClosedBy = "user" },
            Entry with { RecordedAt = Entry.RecordedAt.AddMilliseconds(1) },
        ];
        var hashes = others.Append(Entry).Select(e => e.HashAfter(AccessEntry.NoHash)).Append(Entry.HashAfter(new string('1', 64))).ToHashSet();
        Assert.Equal(others.Length + 2, hashes.Count);
    }

    [Fact]
    public void What_moves_from_one_field_to_the_next_is_another_entry()
    {
        AccessEntry[] alike =
        [
            Entry with { UserId = "ann", Name = "Ann" },
            Entry with { UserId = "annA", Name = "nn" },
            Entry with { UserId = "", Name = "annAnn" },
            Entry with { UserId = "annAnn", Name = "" },
            Entry with { Reason = "", ClosedBy = null },
            Entry with { Reason = null, ClosedBy = "" },
            Entry with { Reason = null, ClosedBy = null },
        ];
        Assert.Equal(alike.Length, alike.Select(e => e.HashAfter(AccessEntry.NoHash)).Distinct().Count());
    }

    [Fact]
    public void Every_field_of_an_entry_but_its_hash_is_counted_here() =>
        // A new field has to go into the hash, under a new form.
        Assert.Equal(12, typeof(AccessEntry).GetProperties(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Instance).Length);
}
