namespace Clinic.Charts;

/// <summary>
/// Who holds which section of one chart. At most one editor a section; each new holder gets a higher fence, so that what a former holder writes can be told
/// apart. Pure.
/// </summary>
internal sealed class EditLeases
{
    private readonly Dictionary<string, StoredEdit> _held = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _fences = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _renewed = new(StringComparer.Ordinal);

    public IReadOnlyCollection<StoredEdit> Held => _held.Values;

    public StoredEdit? HolderOf(string section) => _held.GetValueOrDefault(section);

    /// <summary>Sections that somebody ever held.</summary>
    public int Names => _fences.Count;

    /// <summary>The last fence given for a section; 0 when nobody ever held it.</summary>
    public long FenceOf(string section) => _fences.GetValueOrDefault(section);

    public void Load(IEnumerable<StoredEdit> held, IReadOnlyDictionary<string, long> fences, DateTimeOffset now)
    {
        _held.Clear();
        _renewed.Clear();
        _fences.Clear();
        foreach (var (section, fence) in fences)
        {
            _fences[section] = fence;
        }

        foreach (var edit in held)
        {
            _held[edit.Section] = edit;
            _renewed[edit.Section] = now;
        }
    }

    /// <summary>Whether a connection that asks for a section may have it: it is free, or its own, or was held by a connection of the same user that broke.</summary>
    public bool MayBegin(Editor editor, string section, Func<string, bool> isLive) =>
        HolderOf(section) is not { } holder
        || holder.Connection == editor.Connection
        || (holder.User == editor.User && !isLive(holder.Connection));

    /// <summary>The edit a new holder would have: a new lease with the next fence, or the same lease on another connection of the same user.</summary>
    public StoredEdit Next(Topics.TopicId patient, Editor editor, string section, bool keepLease, DateTimeOffset now)
    {
        if (keepLease && HolderOf(section) is { } holder && holder.User == editor.User)
        {
            return holder with { Connection = editor.Connection, Fence = holder.Fence + 1 };
        }

        var fence = FenceOf(section) + 1;
        return new StoredEdit(patient, section, $"{fence}.{Guid.NewGuid():N}", fence, editor.Connection, editor.User, editor.Name, now);
    }

    /// <summary>The holder asked again: the edit goes on.</summary>
    public void Renew(string section, DateTimeOffset now) => _renewed[section] = now;

    /// <summary>Whether nobody asked for the section again for too long.</summary>
    public bool IsExpired(string section, DateTimeOffset now, TimeSpan maxEdit) =>
        _renewed.TryGetValue(section, out var renewed) && now - renewed > maxEdit;

    public void Take(StoredEdit edit, DateTimeOffset now)
    {
        _renewed[edit.Section] = now;
        _held[edit.Section] = edit;
        _fences[edit.Section] = edit.Fence;
    }

    public void End(string section) => _held.Remove(section);

    /// <summary>Sections a user holds.</summary>
    public IEnumerable<string> SectionsOf(string user) => _held.Values.Where(e => e.User == user).Select(e => e.Section);
}
