using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using Clinic.Presence;
using Clinic.Topics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Clinic.Charts;

public sealed class GlassWatchTests
{
    private static readonly TopicId Patient = TopicId.ForPatient("north", "p");
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Who_is_named_and_who_is_online_with_the_role_hear_of_it_once_and_not_of_their_own_doing()
    {
        var watch = TestGlass.Make(
            _time, ["olga", "pia", "ann"], _ => Task.FromResult(TestGlass.Present(("pia", true), ("quin", true), ("ann", true), ("ben", false))));
        Assert.Equal(["olga", "pia", "quin"], (await watch.FindOfficersAsync(Patient, "ann")).Users);
    }

    [Fact]
    public async Task Officers_of_one_clinic_hear_nothing_of_another() =>
        Assert.Empty((await TestGlass.Make(_time, ["olga"]).FindOfficersAsync(TopicId.ForPatient("south", "p"), "ann")).Users);

    [Fact]
    public async Task They_are_all_when_the_clinic_has_heard_from_its_hosts_and_there_is_somebody()
    {
        Assert.True(await IsWholeAsync(TestGlass.Present(("pia", true))));
        Assert.False(await IsWholeAsync(TestGlass.Present(("pia", true)) with { Complete = false }));
        Assert.False(await IsWholeAsync(TestGlass.Present(("ben", false))));
        // Nobody answers to themselves.
        Assert.False(await IsWholeAsync(TestGlass.Present(("ann", true))));

        async Task<bool> IsWholeAsync(PresenceSnapshot present) =>
            (await TestGlass.Make(_time, ask: _ => Task.FromResult(present)).FindOfficersAsync(Patient, "ann")).IsWhole;
    }

    [Fact]
    public async Task A_clinic_that_does_not_answer_is_not_waited_for()
    {
        var asked = new TaskCompletionSource();
        var watch = TestGlass.Make(_time, ["olga"], _ =>
        {
            asked.TrySetResult();
            return new TaskCompletionSource<PresenceSnapshot>().Task;
        });
        var found = watch.FindOfficersAsync(Patient, "ann");
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30));
        _time.Advance(TimeSpan.FromMilliseconds(300));
        var officers = await found.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(["olga"], officers.Users);
        Assert.False(officers.IsWhole);
    }

    [Fact]
    public void The_officers_topics_are_told_and_nobody_is_logged_by_ids_alone()
    {
        var (told, log) = (new ConcurrentQueue<TopicId>(), new Lines());
        var watch = TestGlass.Make(_time, told: told, logger: log);
        var interval = new AccessInterval("i1", Patient, "ann", "Dr. Ann", "emergency", _time.GetUtcNow(), BreakGlass: true);
        watch.Recorded(interval, ["olga", "pia"]);
        Assert.Equal([TopicId.ForUser("north", "olga"), TopicId.ForUser("north", "pia")], told);
        Assert.Empty(log.All);
        watch.Recorded(interval, []);
        var line = Assert.Single(log.All);
        Assert.StartsWith("Error: ", line, StringComparison.Ordinal);
        Assert.Contains(Patient.Key, line, StringComparison.Ordinal);
        Assert.Contains("ann", line, StringComparison.Ordinal);
        Assert.DoesNotContain("Dr. Ann", line, StringComparison.Ordinal);
        Assert.DoesNotContain("emergency", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "olga", "Privacy__Officers__0__Clinic")]
    [InlineData("north", "", "Privacy__Officers__0__Users has to be ids")]
    [InlineData("north", "olga,olga", "Privacy__Officers__0__Users has to name")]
    [InlineData("north", null, "Privacy__Officers__0__Users has to name")]
    public void Options_that_make_no_sense_are_refused_by_name(string clinic, string? users, string start)
    {
        var options = new PrivacyOptions { Officers = [new ClinicOfficers { Clinic = clinic, Users = users?.Split(',') ?? [] }] };
        Assert.StartsWith(start, options.Validate(new ValidationContext(options)).First().ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void A_clinic_is_named_once()
    {
        var north = new ClinicOfficers { Clinic = "north", Users = ["olga"] };
        var options = new PrivacyOptions { Officers = [north] };
        Assert.Empty(options.Validate(new ValidationContext(options)));
        options.Officers = [north, north];
        Assert.Equal("Privacy__Officers has to name each clinic once.", Assert.Single(options.Validate(new ValidationContext(options))).ErrorMessage);
    }

    private sealed class Lines : ILogger<GlassWatch>
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add($"{logLevel}: {formatter(state, exception)}");
    }
}
