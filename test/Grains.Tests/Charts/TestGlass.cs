using System.Collections.Concurrent;
using Clinic.Escalation;
using Clinic.Presence;
using Clinic.Telemetry;
using Clinic.Topics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Clinic.Charts;

/// <summary>Makes a <see cref="GlassWatch"/> without grains.</summary>
internal static class TestGlass
{
    public static readonly TimeSpan For = new ChartOptions().BreakGlassFor;

    /// <param name="time">The time.</param>
    /// <param name="named">Officers of clinic <c>north</c> in the options.</param>
    /// <param name="ask">Who is present; nobody when missing.</param>
    /// <param name="told">Gets the topics that are told.</param>
    /// <param name="logger">Gets what is logged.</param>
    public static GlassWatch Make(
        TimeProvider time, string[]? named = null, AskClinic? ask = null, ConcurrentQueue<TopicId>? told = null, ILogger<GlassWatch>? logger = null) => new(
        Options.Create(new ChartOptions()),
        Options.Create(new PrivacyOptions { Officers = named is null ? [] : [new ClinicOfficers { Clinic = "north", Users = named }] }),
        ask ?? (_ => Task.FromResult(Present())),
        topic =>
        {
            told?.Enqueue(topic);
            return Task.CompletedTask;
        },
        new ChartMetrics(new NoMeters()),
        time,
        logger ?? NullLogger<GlassWatch>.Instance);

    public static PresenceSnapshot Present(params (string User, bool IsOfficer)[] users) => new(
        "e",
        1,
        true,
        [.. users.Select(u => new PresenceEntry(u.User, u.User, "nurse", PresenceStatus.Active, 1, DateTimeOffset.UnixEpoch, null, false, [], IsPrivacyOfficer: u.IsOfficer))]);
}
