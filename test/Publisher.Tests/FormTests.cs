using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Clinic.Publisher;

public sealed class FormTests
{
    public static TheoryData<string, Func<IClinicPublisher, bool>> Mistakes => new()
    {
        { "no tenant", clinic => clinic.ToTenant(null!, "x", 1) },
        { "empty tenant", clinic => clinic.ToTenant("", "x", 1) },
        { "space around the tenant", clinic => clinic.ToTenant(" north", "x", 1) },
        { "line break in the tenant", clinic => clinic.ToTenant("no\nrth", "x", 1) },
        { "bare user", clinic => clinic.Publish("t", "user", "x", 1) },
        { "no user", clinic => clinic.NotifyUser("t", null!, new Notification("system", "t")) },
        { "NUL in an id", clinic => clinic.MessageRead("t", "\0", 1) },
        { "no type", clinic => clinic.ToTenant("t", null!, 1) },
        { "space in the type", clinic => clinic.ToTenant("t", "a b", 1) },
        { "line break behind the type", clinic => clinic.ToTenant("t", "ab\n", 1) },
        { "long id", clinic => clinic.ToTenant("t", "x", 1, new string('i', 129)) },
        { "half a character", clinic => clinic.ToTenant("t", "x", 1, "\ud800") },
        { "data in a circle", clinic => clinic.ToTenant("t", "x", new Circle()) },
        { "data whose getter throws", clinic => clinic.ToTenant("t", "x", new Thrower(true)) },
    };

    [Theory]
    [MemberData(nameof(Mistakes), DisableDiscoveryEnumeration = true)]
    public async Task A_mistake_is_reported_and_does_not_reach_the_publishing_code(string mistake, Func<IClinicPublisher, bool> make)
    {
        await using var publisher = await TestPublisher.OverAsync(new FakeTransport(), new FakeTimeProvider());
        Assert.False(make(publisher.Clinic), mistake);
        Assert.Equal(1, publisher.Counted["dropped invalid"]);
        Assert.Single(publisher.Log, line => line.Contains("dropped: Invalid", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_data_may_have_254_KB_and_not_a_byte_more()
    {
        var transport = new FakeTransport();
        await using var publisher = await TestPublisher.OverAsync(transport, new FakeTimeProvider());
        Assert.True(publisher.Clinic.ToTenant("t", "x", new string('a', OutgoingEvent.MaxDataBytes - 2)));
        Assert.False(publisher.Clinic.ToTenant("t", "x", new string('a', OutgoingEvent.MaxDataBytes - 1)));
        Assert.Equal(1, publisher.Counted["dropped too_large"]);
        (await transport.NextAsync()).Answer(Verdict.Delivered);
    }

    [Fact]
    public async Task Data_is_taken_as_it_is_at_the_call_in_camel_case()
    {
        var transport = new FakeTransport();
        await using var publisher = await TestPublisher.OverAsync(transport, new FakeTimeProvider());
        var data = new Dictionary<string, object> { ["inner"] = new { StartsAt = 1 } };
        publisher.Clinic.AppointmentCreated("t", data);
        data["inner"] = "changed";
        var call = await transport.NextAsync();
        Assert.Equal("""{"inner":{"startsAt":1}}""", Encoding.UTF8.GetString(call.Event.Data));
        Assert.Equal(7, Guid.Parse(call.Event.Id).Version);
        call.Answer(Verdict.Delivered);
    }

    [Theory]
    [InlineData("Url", "clinic")]
    [InlineData("Url", "ftp://clinic")]
    [InlineData("Url", "http://clinic?x=1")]
    [InlineData("ServiceKey", "")]
    [InlineData("ServiceKey", "my secret")]
    [InlineData("Capacity", "0")]
    [InlineData("Concurrency", "0")]
    [InlineData("MaxQueuedBytes", "1")]
    [InlineData("GiveUpAfter", "00:00:00")]
    [InlineData("AttemptTimeout", "2.00:00:00")]
    [InlineData("DrainTimeout", "-00:00:01")]
    public async Task Options_that_can_not_work_end_the_start_by_name_and_the_key_is_not_told(string option, string value)
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => TestPublisher.StartAsync(services => services.AddClinicPublisher(o =>
        {
            (o.Url, o.ServiceKey) = ("http://clinic.test/path", "key");
            var property = typeof(ClinicPublisherOptions).GetProperty(option)!;
            property.SetValue(o, System.ComponentModel.TypeDescriptor.GetConverter(property.PropertyType).ConvertFromInvariantString(value));
        })));
        Assert.StartsWith($"ClinicPublisherOptions.{option} ", Assert.Single(error.Failures), StringComparison.Ordinal);
        Assert.DoesNotContain("my secret", error.ToString(), StringComparison.Ordinal);
    }

    private sealed class Circle
    {
        public Circle Self => this;
    }

    private sealed class Thrower(bool throws)
    {
        public int Value => throws ? throw new InvalidOperationException("no") : 1;
    }
}
