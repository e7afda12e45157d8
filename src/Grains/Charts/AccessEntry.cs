using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Clinic.Charts;

/// <summary>One link of a clinic's access log: that a user opened a chart, or that it was closed. It is never changed once it is written.</summary>
internal sealed record AccessEntry
{
    /// <summary>The kind of an opening.</summary>
    public const string Opened = "opened";

    /// <summary>The kind of an opening of a restricted chart by somebody who is not of its care team, with a reason.</summary>
    public const string GlassBroken = "glass_broken";

    /// <summary>The kind of a closing.</summary>
    public const string Closed = "closed";

    /// <summary>What stands for the hash before the first entry.</summary>
    public static readonly string NoHash = new('0', 2 * SHA256.HashSizeInBytes);

    /// <summary>Says which fields there are and how; it changes with them.</summary>
    private static readonly byte[] Form = "clinic.access-entry.1"u8.ToArray();

    /// <summary>The clinic.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>Its number in the clinic, from 1; 0 until it is appended.</summary>
    public long Sequence { get; init; }

    /// <summary><see cref="Opened"/>, <see cref="GlassBroken"/> or <see cref="Closed"/>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The interval that it begins or ends.</summary>
    public string IntervalId { get; init; } = "";

    /// <summary>The patient.</summary>
    public string PatientId { get; init; } = "";

    /// <summary>Who has, or had, the chart open.</summary>
    public string UserId { get; init; } = "";

    /// <summary>Their name at the opening.</summary>
    public string Name { get; init; } = "";

    /// <summary>The reason given at the opening; null in the entry of the closing.</summary>
    public string? Reason { get; init; }

    /// <summary>When it was opened, or until when the user was there.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Why it was closed; null in the entry of the opening.</summary>
    public string? ClosedBy { get; init; }

    /// <summary>When the entry was written; later than <see cref="At"/> when an end was noticed late.</summary>
    public DateTimeOffset RecordedAt { get; init; }

    /// <summary>The hash as it is stored; empty until it is appended.</summary>
    public string Hash { get; init; } = "";

    /// <summary>The entry of an interval's beginning.</summary>
    public static AccessEntry OfOpening(AccessRow row, DateTimeOffset now) => new()
    {
        Tenant = row.Tenant,
        Kind = row.BreakGlass ? GlassBroken : Opened,
        IntervalId = row.Id,
        PatientId = row.PatientId,
        UserId = row.UserId,
        Name = row.Name,
        Reason = row.Reason,
        At = row.OpenedAt,
        RecordedAt = now,
    };

    /// <summary>The entry of the end of an interval that is closed.</summary>
    public static AccessEntry OfClosing(AccessRow row, DateTimeOffset now) =>
        OfOpening(row, now) with { Kind = Closed, Reason = null, At = row.ClosedAt!.Value, ClosedBy = row.ClosedBy };

    /// <summary>
    /// The hash of this entry and of all before it, 64 hexadecimal digits. No two entries are written alike: a number is 8 bytes, and a text is its length and its
    /// UTF-8.
    /// </summary>
    /// <param name="previous">The hash of the entry before, or <see cref="NoHash"/>.</param>
    public string HashAfter(string previous)
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        bytes.Write(Form);
        Write(bytes, previous);
        Write(bytes, Tenant);
        Write(bytes, Sequence);
        Write(bytes, Kind);
        Write(bytes, IntervalId);
        Write(bytes, PatientId);
        Write(bytes, UserId);
        Write(bytes, Name);
        Write(bytes, Reason);
        Write(bytes, Microseconds(At));
        Write(bytes, ClosedBy);
        Write(bytes, Microseconds(RecordedAt));
        return Convert.ToHexStringLower(SHA256.HashData(bytes.WrittenSpan));
    }

    private static long Microseconds(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    private static void Write(ArrayBufferWriter<byte> bytes, long number)
    {
        BinaryPrimitives.WriteInt64BigEndian(bytes.GetSpan(sizeof(long)), number);
        bytes.Advance(sizeof(long));
    }

    private static void Write(ArrayBufferWriter<byte> bytes, string? text)
    {
        // Nothing is another thing than an empty text.
        Write(bytes, text is null ? -1L : Encoding.UTF8.GetByteCount(text));
        if (text is not null)
        {
            Encoding.UTF8.GetBytes(text, bytes);
        }
    }
}
