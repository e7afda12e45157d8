using Clinic.Errors;
using Clinic.Records;
using Clinic.Topics;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Clinic.Patients;

/// <summary>
/// A write's turn at one section of a chart. While somebody holds the section's edit, only who presents the holder's lease may write.
/// </summary>
internal static class ChartSection
{
    public const string Vitals = "vitals";
    public const string Allergies = "allergies";
    public const string Medications = "medications";

    /// <summary>The header that presents a lease.</summary>
    public const string LeaseHeader = "X-Edit-Lease";

    // Locks the row, and makes it if there is none: then whoever begins or takes over the edit waits for this write, and does not begin on
    // what it is about to replace.
    private const string EnterSql = """
        insert into edit_lease (topic, tenant, patient_id, section, fence) values (@Key, @Tenant, @Id, @section, 0)
        on conflict (topic, section) do update set fence = edit_lease.fence
        returning lease, user_id, name, since
        """;

    /// <summary>Enters the section until the write is over; the first thing a chart write does.</summary>
    /// <param name="record">The write.</param>
    /// <param name="chart">The patient's topic.</param>
    /// <param name="section">The section.</param>
    /// <param name="lease">What the request presents; null for nothing.</param>
    /// <returns>Why it may not; null when it may.</returns>
    public static async Task<ProblemHttpResult?> EnterAsync(RecordTransaction record, TopicId chart, string section, string? lease)
    {
        var edit = (await record.FindAsync<Edit>(EnterSql, new { chart.Key, chart.Tenant, chart.Id, section }))!;
        if (edit.Lease is null)
        {
            // Who presents a lease believes to hold the section, and what they write may be based on what others have replaced since.
            return lease is null ? null : Refuse("The edit that the lease was for has ended.", null);
        }

        return lease == edit.Lease
            ? null
            : Refuse(
                lease is null ? "The section is being edited." : "The lease is not the one of the section's holder.",
                new Holder(edit.UserId!, edit.Name!, edit.Since!.Value));
    }

    private static ProblemHttpResult Refuse(string detail, Holder? heldBy) => Problems.Conflict(detail, ("heldBy", heldBy));

    private sealed class Edit
    {
        public string? Lease { get; init; }

        public string? UserId { get; init; }

        public string? Name { get; init; }

        public DateTimeOffset? Since { get; init; }
    }

    /// <summary>Who holds the section, as the hub has it too.</summary>
    private sealed record Holder(string User, string Name, DateTimeOffset Since);
}
