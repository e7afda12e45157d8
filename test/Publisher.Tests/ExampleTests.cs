using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Clinic.Publisher;

/// <summary>The two examples beside a real Api: what their routes did shows on a screen, also when the Api is killed in the middle of it.</summary>
public sealed class ExampleTests
{
    private const string ServiceKey = "a-key-for-the-examples";
    private const int Phase = 15;

    [Theory]
    [InlineData("minimal")]
    [InlineData("express")]
    public async Task What_the_route_did_shows_once_and_in_order_through_the_death_of_the_Api_and_the_route_does_not_notice(string example)
    {
        var directory = Directory.CreateTempSubdirectory("clinic-publisher-").FullName;
        var port = LiveProcess.FreePort();
        await using var first = LiveProcess.Api(port, directory, ServiceKey);
        await using var application = example == "minimal"
            ? LiveProcess.MinimalApi(directory, first.Address, ServiceKey)
            : LiveProcess.Express(directory, first.Address, ServiceKey);
        await Task.WhenAll(first.ReadyAsync("/health/ready"), application.ReadyAsync("/"));
        await using var watcher = await Watcher.ConnectAsync(first.Address);
        using var client = new HttpClient { BaseAddress = application.Address };
        var made = new List<string>();

        var up = await PostAsync();
        await watcher.FirstAsync(1, application.Output);
        await first.KillAsync();
        var down = await PostAsync();
        await using var second = LiveProcess.Api(port, directory, ServiceKey);
        await PostAsync();
        await second.ReadyAsync("/health/ready");
        await PostAsync();

        var events = await watcher.FirstAsync(made.Count, application.Output);
        Assert.Equal(made, events.Select(e => e.GetProperty("id").GetString()!));
        Assert.All(events, e => Assert.Equal("appointment:created", e.GetProperty("type").GetString()));
        Assert.Equal(made, events.Select(e => e.GetProperty("data").GetProperty("id").GetString()!));
        // Far below the second that waiting for a retry or a time-out would take, and not far above what it was.
        Assert.InRange(down, TimeSpan.Zero, (up * 3) + TimeSpan.FromMilliseconds(50));
        await application.DisposeAsync();
        await second.DisposeAsync();
        Directory.Delete(directory, recursive: true);

        // Returns the median time that the route took.
        async Task<TimeSpan> PostAsync()
        {
            var times = new List<TimeSpan>();
            for (var n = 0; n < Phase; n++)
            {
                var watch = Stopwatch.StartNew();
                using var answer = await client.PostAsJsonAsync("/appointments", new { patient = $"p{n}", startsAt = "2030-01-01T09:00:00Z" });
                times.Add(watch.Elapsed);
                Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
                made.Add((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!);
            }

            return times.Order().ElementAt(Phase / 2);
        }
    }
}
