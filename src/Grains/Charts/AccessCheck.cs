using System.Globalization;

namespace Clinic.Charts;

/// <summary>Goes along one clinic's entries, each with the row of <c>chart_access</c> that belongs to it, and says what is wrong first.</summary>
internal sealed class AccessCheck(string tenant, long entries, string head, string? keptHead)
{
    private long _sequence;
    private string _hash = AccessEntry.NoHash;
    private bool _keptSeen = keptHead is null || keptHead == AccessEntry.NoHash;

    /// <summary>Looks at the next entry.</summary>
    /// <returns>What is wrong, or null.</returns>
    public string? Next(AccessEntry entry, AccessRow? row)
    {
        _sequence++;
        if (entry.Sequence != _sequence)
        {
            return entry.Sequence > _sequence ? Fault(_sequence, "it is missing") : Fault(entry.Sequence, "there is no such number in a log");
        }

        if (entry.HashAfter(_hash) != entry.Hash)
        {
            return Fault(_sequence, "its contents and those before it don't come to its hash");
        }

        if (_sequence > entries)
        {
            return Fault(_sequence, $"the head counts only {Text(entries)} entries");
        }

        _hash = entry.Hash;
        _keptSeen |= _hash == keptHead;
        return Difference(entry, row) is { } difference ? Fault(_sequence, $"chart_access {entry.IntervalId}: {difference}") : null;
    }

    /// <summary>Looks at what only the end shows.</summary>
    /// <returns>What is wrong, or null.</returns>
    public string? End()
    {
        if (_sequence < entries)
        {
            return Fault(_sequence + 1, $"it is missing; the head counts {Text(entries)} entries");
        }

        if (_hash != head)
        {
            return Fault(_sequence, "its hash is not that of the head");
        }

        return _keptSeen ? null : "no entry has the head that was kept: entries were removed, or the log was written anew";
    }

    private string? Difference(AccessEntry entry, AccessRow? row)
    {
        if (row is null)
        {
            return "it is missing";
        }

        var closed = entry.Kind == AccessEntry.Closed;
        (string Field, bool Agrees)[] fields =
        [
            ("tenant", row.Tenant == tenant),
            ("patient_id", row.PatientId == entry.PatientId),
            ("topic", row.Topic == Topics.TopicId.ForPatient(tenant, entry.PatientId).Key),
            ("user_id", row.UserId == entry.UserId),
            ("name", row.Name == entry.Name),
            ("reason", closed || row.Reason == entry.Reason),
            ("break_glass", closed || row.BreakGlass == (entry.Kind == AccessEntry.GlassBroken)),
            ("opened_at", closed || row.OpenedAt == entry.At),
            ("closed_at", !closed || row.ClosedAt == entry.At),
            ("closed_by", !closed || row.ClosedBy == entry.ClosedBy),
        ];
        return fields.FirstOrDefault(f => !f.Agrees).Field is { } field ? $"{field} is not what the entry says" : null;
    }

    private static string Fault(long sequence, string what) => $"entry {Text(sequence)}: {what}";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
