using Clinic.Hosting;
using ErrorCode = Clinic.Errors.ErrorCode;

namespace Clinic.Security;

public sealed class ServiceKeyTests
{
    private const string Key = $"ServiceKey {TestApi.ServiceKey}";
    private const string Route = "/api/test/caller";

    [Fact]
    public async Task A_backend_is_its_clinic_and_the_user_it_speaks_for()
    {
        await using var api = await TestApi.StartAsync();
        var alone = (await api.SendAsync(HttpMethod.Get, Route, Key, null, ("X-Tenant", "t1"))).Json;
        Assert.Equal("t1||True", $"{alone.GetProperty("tenant")}|{alone.GetProperty("user")}|{alone.GetProperty("isService")}");
        var forUser = (await api.SendAsync(HttpMethod.Get, Route, "servicekey another-service-key", null, ("X-Tenant", "t1"), ("X-User", "u1"))).Json;
        Assert.Equal("t1|u1|True", $"{forUser.GetProperty("tenant")}|{forUser.GetProperty("user")}|{forUser.GetProperty("isService")}");
    }

    [Theory]
    [InlineData("ServiceKey")]
    [InlineData("ServiceKey ")]
    [InlineData("ServiceKey wrong")]
    [InlineData("ServiceKey a-service-key-of-the-test")]
    [InlineData("ServiceKey a-service-key-of-the-tests2")]
    [InlineData("Basic a-service-key-of-the-tests")]
    [InlineData("Bearer a-service-key-of-the-tests")]
    public async Task Anything_but_a_key_is_refused(string authorization)
    {
        await using var api = await TestApi.StartAsync();
        (await api.SendAsync(HttpMethod.Get, Route, authorization, null, ("X-Tenant", "t1"))).IsProblem(401, ErrorCode.Unauthenticated);
    }

    [Fact]
    public async Task Without_keys_in_the_configuration_no_key_is_right()
    {
        await using var api = await TestApi.StartAsync("Development", null, ("Auth:ServiceKeys:0", ""), ("Auth:ServiceKeys:1", " "));
        (await api.SendAsync(HttpMethod.Get, Route, "ServiceKey ", null, ("X-Tenant", "t1"))).IsProblem(401, ErrorCode.Unauthenticated);
        (await api.SendAsync(HttpMethod.Get, Route, "ServiceKey  ", null, ("X-Tenant", "t1"))).IsProblem(401, ErrorCode.Unauthenticated);
    }

    [Fact]
    public async Task A_key_needs_to_say_for_which_clinic()
    {
        await using var api = await TestApi.StartAsync();
        (await api.SendAsync(HttpMethod.Get, Route, Key)).IsInvalid("X-Tenant");
        (await api.SendAsync(HttpMethod.Get, Route, Key, null, ("X-Tenant", new string('x', 129)))).IsInvalid("X-Tenant");
        (await api.SendAsync(HttpMethod.Get, Route, Key, null, ("X-Tenant", "t1"), ("X-User", new string('x', 129)))).IsInvalid("X-User");
        (await api.SendAsync(HttpMethod.Get, $"{Route}?tenant=t2", Key, null, ("X-Tenant", "t1"))).IsProblem(403, ErrorCode.Forbidden);
    }

    [Fact]
    public async Task A_key_opens_neither_the_hub_nor_what_is_for_users()
    {
        await using var api = await TestApi.StartAsync();
        (await api.SendAsync(HttpMethod.Get, "/api/test/user", Key, null, ("X-Tenant", "t1"), ("X-User", "u1"))).IsProblem(403, ErrorCode.Forbidden);
        (await api.SendAsync(HttpMethod.Post, "/hubs/test/negotiate", Key, null, ("X-Tenant", "t1"), ("X-User", "u1"))).IsProblem(403, ErrorCode.Forbidden);
    }
}
