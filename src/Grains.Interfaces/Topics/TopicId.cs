using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Clinic.Topics;

/// <summary>
/// Names one topic of one clinic. The tenant is always part of it, and the grain key, the storage key and the name on the wire are
/// made and read here alone, so that two clinics can't meet by a clever id.
/// </summary>
[GenerateSerializer, Immutable, Alias("Clinic.TopicId")]
public readonly record struct TopicId
{
    private const string TenantName = "tenant";
    private const string UserName = "user";
    private const string ThreadPrefix = "thread:";
    private const string PatientPrefix = "patient:";
    private const string UserPrefix = "user:";

    private TopicId(TopicKind kind, string tenant, string id)
    {
        Kind = kind;
        Tenant = Valid(tenant, nameof(tenant));
        Id = kind == TopicKind.Tenant ? "" : Valid(id, nameof(id));
    }

    /// <summary>What the topic is about.</summary>
    [Id(0)]
    public TopicKind Kind { get; }

    /// <summary>The clinic, from the caller's token.</summary>
    [Id(1)]
    public string Tenant { get; }

    /// <summary>The thread, patient or user; empty for <see cref="TopicKind.Tenant"/>.</summary>
    [Id(2)]
    public string Id { get; }

    /// <summary>
    /// The grain key and the storage key: kind, tenant and id with everything but unreserved ASCII percent-escaped, joined by "/". It
    /// starts with a word that is not hexadecimal, because the ADO.NET grain storage folds hexadecimal keys into integers.
    /// </summary>
    public string Key
    {
        get
        {
            var key = new StringBuilder(KindName(Kind));
            Escape(key.Append('/'), Tenant);
            if (Kind != TopicKind.Tenant)
            {
                Escape(key.Append('/'), Id);
            }

            return key.ToString();
        }
    }

    /// <summary>What a member of the clinic calls the topic: <c>tenant</c>, <c>user</c>, <c>thread:{id}</c> or <c>patient:{id}</c>.</summary>
    public string WireName => Kind switch
    {
        TopicKind.Tenant => TenantName,
        TopicKind.User => UserName,
        TopicKind.Thread => ThreadPrefix + Id,
        _ => PatientPrefix + Id,
    };

    /// <summary>The topic of everybody signed in to the clinic.</summary>
    /// <exception cref="ArgumentException">The tenant is no <see cref="Identifier"/>.</exception>
    public static TopicId ForTenant(string tenant) => new(TopicKind.Tenant, tenant, "");

    /// <summary>A user's own topic.</summary>
    /// <exception cref="ArgumentException">A part is no <see cref="Identifier"/>.</exception>
    public static TopicId ForUser(string tenant, string user) => new(TopicKind.User, tenant, user);

    /// <summary>The topic of a message thread.</summary>
    /// <exception cref="ArgumentException">A part is no <see cref="Identifier"/>.</exception>
    public static TopicId ForThread(string tenant, string thread) => new(TopicKind.Thread, tenant, thread);

    /// <summary>The topic of a patient's chart.</summary>
    /// <exception cref="ArgumentException">A part is no <see cref="Identifier"/>.</exception>
    public static TopicId ForPatient(string tenant, string patient) => new(TopicKind.Patient, tenant, patient);

    /// <summary>
    /// Reads the name a client gave, within the caller's own clinic. <paramref name="user"/> is what a bare <c>user</c> stands for; null
    /// (a backend, which is nobody) refuses it.
    /// </summary>
    /// <returns>False for an unknown form or an invalid id.</returns>
    public static bool TryParseWire(string? name, string tenant, string? user, [NotNullWhen(true)] out TopicId? topic)
    {
        topic = null;
        if (name is null || !Identifier.IsValid(tenant))
        {
            return false;
        }

        if (name == TenantName)
        {
            topic = ForTenant(tenant);
        }
        else if (name == UserName && Identifier.IsValid(user))
        {
            topic = ForUser(tenant, user!);
        }
        else if (After(ThreadPrefix) is { } thread)
        {
            topic = ForThread(tenant, thread);
        }
        else if (After(PatientPrefix) is { } patient)
        {
            topic = ForPatient(tenant, patient);
        }

        return topic is not null;

        string? After(string prefix) =>
            name.StartsWith(prefix, StringComparison.Ordinal) && Identifier.IsValid(name[prefix.Length..]) ? name[prefix.Length..] : null;
    }

    /// <summary>Reads <c>user:{id}</c>, the form in which a backend names somebody's own topic.</summary>
    /// <returns>False for any other form or an invalid id.</returns>
    public static bool TryParseUserOf(string? name, string tenant, [NotNullWhen(true)] out TopicId? topic)
    {
        topic = name is not null
            && Identifier.IsValid(tenant)
            && name.StartsWith(UserPrefix, StringComparison.Ordinal)
            && Identifier.IsValid(name[UserPrefix.Length..])
                ? ForUser(tenant, name[UserPrefix.Length..])
                : null;
        return topic is not null;
    }

    /// <summary>Reads what <see cref="Key"/> wrote.</summary>
    /// <exception cref="FormatException">The text is not such a key.</exception>
    public static TopicId Parse(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var parts = key.Split('/');
        return parts switch
        {
            ["tenant", var tenant] => ForTenant(Unescape(tenant)),
            ["user", var tenant, var id] => ForUser(Unescape(tenant), Unescape(id)),
            ["thread", var tenant, var id] => ForThread(Unescape(tenant), Unescape(id)),
            ["patient", var tenant, var id] => ForPatient(Unescape(tenant), Unescape(id)),
            _ => throw new FormatException($"Not a topic key: {key}"),
        };
    }

    /// <inheritdoc />
    public override string ToString() => Key;

    private static string KindName(TopicKind kind) => kind switch
    {
        TopicKind.Tenant => "tenant",
        TopicKind.User => "user",
        TopicKind.Thread => "thread",
        _ => "patient",
    };

    private static string Valid(string value, string name) =>
        Identifier.IsValid(value) ? value : throw new ArgumentException("Not a valid id.", name);

    private static void Escape(StringBuilder target, string part) => target.Append(Uri.EscapeDataString(part));

    private static string Unescape(string part) => Uri.UnescapeDataString(part);
}
