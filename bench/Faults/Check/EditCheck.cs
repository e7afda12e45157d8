namespace Clinic.Faults.Check;

/// <summary>One section of one chart has one editor at a time, by what was granted and by what was written.</summary>
internal static class EditCheck
{
    public static IEnumerable<Violation> Run(History history) =>
        history.Holds.GroupBy(hold => hold.Section).SelectMany(Overlaps)
            .Concat(history.Holds.GroupBy(hold => (hold.Section, hold.Lease)).Where(group => group.Select(hold => hold.Holder).Distinct().Skip(1).Any())
                .Select(group => Two($"{group.Key.Section}: lease {group.Key.Lease} was given to {string.Join(" and ", group.Select(hold => hold.Holder).Distinct())}")))
            .Concat(history.Writes.GroupBy(write => write.Section).SelectMany(Mixed));

    /// <summary>
    /// A grant whose call began and ended while another held the section for certain. A take-over is no excuse: after it the former lease
    /// must not be confirmed any more.
    /// </summary>
    private static IEnumerable<Violation> Overlaps(IGrouping<string, EditHold> holds)
    {
        var ordered = holds.OrderBy(hold => hold.Granted).ToList();
        foreach (var held in ordered)
        {
            foreach (var other in ordered)
            {
                if (other.Lease != held.Lease && other.Asked >= held.Granted && other.Granted <= held.HeldUntil)
                {
                    yield return Two($"{holds.Key}: {other.Holder} was granted {other.Lease} at {other.Granted:0.00} s while {held.Holder} held {held.Lease} from {held.Granted:0.00} to {held.HeldUntil:0.00} s");
                }
            }
        }
    }

    /// <summary>Writes in the order in which they were taken: a lease that another one followed must not come back.</summary>
    private static IEnumerable<Violation> Mixed(IGrouping<string, GuardedWrite> writes)
    {
        var over = new HashSet<string>();
        GuardedWrite? last = null;
        foreach (var write in writes.OrderBy(write => write.Version))
        {
            if (last is not null && last.Version == write.Version)
            {
                yield return Two($"{writes.Key}: version {write.Version} was given to a write with {last.Lease} and to one with {write.Lease}");
            }

            if (last is not null && last.Lease != write.Lease)
            {
                over.Add(last.Lease);
            }

            if (over.Contains(write.Lease))
            {
                yield return Two($"{writes.Key}: a write with {write.Lease} was taken as version {write.Version}, after one with {last!.Lease}");
            }

            last = write;
        }
    }

    private static Violation Two(string what) => new(Breach.TwoHolders, what);
}
