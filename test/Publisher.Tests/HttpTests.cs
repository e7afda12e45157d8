using System.Diagnostics;
using System.Net;

namespace Clinic.Publisher;

/// <summary>The package against a server that misbehaves.</summary>
public sealed class HttpTests
{
    private static readonly FakeClinic.Trouble[] Troubles =
    [
        new(HttpStatusCode.ServiceUnavailable),
        new() { Resets = true },
        new(HttpStatusCode.InternalServerError),
        new(HttpStatusCode.BadGateway) { Resets = true },
        new(HttpStatusCode.BadGateway) { Hangs = true },
        new() { Hangs = true },
        new(HttpStatusCode.RequestTimeout),
        new(HttpStatusCode.TooManyRequests) { RetryAfter = "0" },
    ];

    [Fact]
    public async Task An_event_arrives_as_the_contract_says_and_the_key_is_not_logged()
    {
        await using var clinic = await FakeClinic.StartAsync();
        await using var publisher = await TestPublisher.OverHttpAsync(clinic.Address);
        Assert.True(publisher.Clinic.ToPatientViewers("nørd", "p/ä\"1", "vitals:updated", new { Pulse = 60 }, "e\u00e91"));
        await publisher.StopAsync();
        Assert.Equal(
            new FakeClinic.Event("nørd", "patient:p/ä\"1", "vitals:updated", "eé1", """{"pulse":60}""", $"ServiceKey {FakeClinic.ServiceKey}"),
            Assert.Single(clinic.Accepted));
        Assert.DoesNotContain(publisher.Log, line => line.Contains(FakeClinic.ServiceKey, StringComparison.Ordinal));
        Assert.Equal(1, publisher.Counted["delivered"]);
    }

    [Fact]
    public async Task Every_method_has_its_topic_and_type()
    {
        await using var server = await FakeClinic.StartAsync();
        await using var publisher = await TestPublisher.OverHttpAsync(server.Address);
        var clinic = publisher.Clinic;
        bool[] queued =
        [
            clinic.AppointmentCreated("t", 1), clinic.AppointmentUpdated("t", 1), clinic.AppointmentCancelled("t", 1), clinic.PatientCheckedIn("t", 1),
            clinic.ToTenant("t", "own:one", 1), clinic.MessageSent("t", "th", 1), clinic.MessageRead("t", "th", 1), clinic.ToThread("t", "th", "own:two", 1),
            clinic.NotifyUser("t", "ann", new Notification("order_new", "An order") { Id = "n1" }), clinic.ToUser("t", "ann", "own:three", 1),
            clinic.VitalsUpdated("t", "p", 1), clinic.AllergyAdded("t", "p", 1), clinic.MedicationAdded("t", "p", 1),
            clinic.ToPatientViewers("t", "p", "own:four", 1), clinic.Publish("t", "patient:p", "own:five", null),
        ];
        Assert.DoesNotContain(false, queued);
        await publisher.StopAsync();
        Assert.Equal(["appointment:created", "appointment:updated", "appointment:cancelled", "patient:checked_in", "own:one"], Of("tenant"));
        Assert.Equal(["message:new", "message:read", "own:two"], Of("thread:th"));
        Assert.Equal(["notification:new", "own:three"], Of("user:ann"));
        Assert.Equal(["vitals:updated", "allergy:added", "medication:added", "own:four", "own:five"], Of("patient:p"));
        Assert.Equal(
            """{"kind":"order_new","title":"An order","id":"n1","priority":"normal","body":null,"link":null,"requiresAck":false}""",
            server.Accepted.Single(e => e.Type == "notification:new").Data);

        IEnumerable<string> Of(string topic) => server.Accepted.Where(e => e.Topic == topic).Select(e => e.Type);
    }

    [Fact]
    public async Task Failures_hangs_and_answers_that_got_lost_leave_each_event_there_once_and_in_order()
    {
        await using var clinic = await FakeClinic.StartAsync();
        clinic.Answer = n => n % 3 == 0 && n < 50 ? Troubles[n / 3 % Troubles.Length] : new FakeClinic.Trouble();
        await using var publisher = await TestPublisher.OverHttpAsync(clinic.Address, o =>
        {
            o.AttemptTimeout = TimeSpan.FromMilliseconds(300);
            o.DrainTimeout = TimeSpan.FromSeconds(25);
        });
        for (var n = 0; n < 60; n++)
        {
            Assert.True(publisher.Clinic.ToPatientViewers("t", $"{n % 3}", "x", n));
        }

        await publisher.StopAsync();
        for (var lane = 0; lane < 3; lane++)
        {
            Assert.Equal(
                Enumerable.Range(0, 20).Select(n => $"{(3 * n) + lane}"),
                clinic.Accepted.Where(e => e.Topic == $"patient:{lane}").Select(e => e.Data));
        }

        Assert.Equal(60, publisher.Counted["delivered"]);
        Assert.True(publisher.Counted["retries timeout"] > 0 && publisher.Counted["retries network"] > 0 && publisher.Counted["retries 503"] > 0);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("date")]
    public async Task A_retry_waits_as_long_as_the_server_asks(string retryAfter)
    {
        var clock = new WaitingClock();
        await using var clinic = await FakeClinic.StartAsync();
        var asked = retryAfter == "date" ? clock.GetUtcNow().AddSeconds(2).ToString("R") : retryAfter;
        clinic.Answer = n => n == 1 ? new(HttpStatusCode.TooManyRequests) { RetryAfter = asked } : new();
        await using var publisher = await TestPublisher.StartAsync(services =>
        {
            Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton<TimeProvider>(services, clock);
            services.AddClinicPublisher(o => (o.Url, o.ServiceKey) = (clinic.Address.ToString(), FakeClinic.ServiceKey));
        });
        publisher.Clinic.ToTenant("t", "x", 1);
        var pause = await clock.NextWaitAsync("the pause after the 429");
        Assert.InRange(pause, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2) + RetryDelay.First);
        Assert.Equal(1, clinic.Calls);
        clock.Advance(pause);
        await publisher.StopAsync();
        Assert.Single(clinic.Accepted);
    }

    [Fact]
    public async Task Only_the_contracts_own_answer_counts_as_delivered_and_no_redirect_is_followed()
    {
        await using var clinic = await FakeClinic.StartAsync();
        int[] statuses = [200, 302, 400, 403, 404, 413, 422];
        clinic.Answer = n => new((HttpStatusCode)statuses[n - 1]) { Location = "/api/events" };
        await using var publisher = await TestPublisher.OverHttpAsync(clinic.Address);
        foreach (var status in statuses)
        {
            publisher.Clinic.ToTenant("t", "x", status);
        }

        await publisher.StopAsync();
        Assert.Equal((statuses.Length, 0), (publisher.Counted["dropped refused"], publisher.Counted["delivered"]));
        Assert.Equal(statuses.Length, clinic.Calls);
    }

    [Fact]
    public async Task Publishing_takes_no_time_while_nobody_listens()
    {
        await using var publisher = await TestPublisher.OverHttpAsync(new Uri("http://127.0.0.1:1"), o => o.DrainTimeout = TimeSpan.Zero);
        var watch = Stopwatch.StartNew();
        for (var n = 0; n < 5000; n++)
        {
            Assert.True(publisher.Clinic.ToPatientViewers("t", $"{n}", "x", n));
        }

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }
}
