using System.Net;
using Microsoft.AspNetCore.Routing;

namespace Clinic.Records;

public sealed class RecordGateTests(SqliteRecordApp app) : IClassFixture<SqliteRecordApp>
{
    private const string Path = "/api/appointments?date=2031-05-06";

    private readonly string _tenant = RecordApp.NewTenant();

    [Theory]
    [InlineData(HttpStatusCode.OK, "provider")]
    [InlineData(HttpStatusCode.OK, "patient", "nurse")]
    [InlineData(HttpStatusCode.OK, "something else")]
    [InlineData(HttpStatusCode.Forbidden, "patient")]
    [InlineData(HttpStatusCode.Forbidden, "Patient ")]
    [InlineData(HttpStatusCode.Forbidden)]
    public async Task Records_are_for_staff(HttpStatusCode status, params string[] roles)
    {
        (await app.With(_tenant, "ada", roles).GetAsync(Path)).Expect(status);
    }

    [Fact]
    public async Task Every_record_route_refuses_strangers_and_patients()
    {
        var patient = app.As(_tenant, "pat", "patient");
        var routes = app.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToArray();
        Assert.NotEmpty(routes);
        foreach (var route in routes)
        {
            var path = route.RoutePattern.RawText!.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);
            var method = new HttpMethod(route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0]);
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
            using var response = await app.Nobody.SendAsync(request);
            Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{method} {path} answered a stranger with {response.StatusCode}.");
            (await patient.SendAsync(method, path, null)).ExpectProblem(HttpStatusCode.Forbidden, "forbidden");
        }
    }

    [Fact]
    public async Task Whoever_may_not_write_is_told_so_before_anything_else() =>
        (await app.As(_tenant, "ada", "patient").PostAsync("/api/appointments", "{")).ExpectProblem(HttpStatusCode.Forbidden, "forbidden");

    [Fact]
    public async Task A_backend_has_to_name_a_user() =>
        (await app.AsService(_tenant, null).GetAsync(Path)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "X-User");

    [Fact]
    public async Task A_backend_writes_on_behalf_of_the_user_it_names()
    {
        var made = await app.AsService(_tenant, "ada").PostAsync(
            "/api/appointments", """{"patientId":"p","providerId":"d","startsAt":"2031-06-01T09:30:00Z","durationMinutes":1,"reason":""}""");

        Assert.Equal("ada", (string?)made.Expect(HttpStatusCode.Created).Json["createdBy"]);
        Assert.Equal("ada", Assert.Single(await app.EventsAsync(_tenant)).Author);
        (await app.AsService(_tenant, "ada").GetAsync("/api/patients/p/access-log")).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_id_that_is_too_long_is_not_found() =>
        (await app.As(_tenant, "ada").GetAsync($"/api/messaging/{new string('x', 129)}/messages")).ExpectProblem(HttpStatusCode.NotFound, "not_found");

    [Theory]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("../x")]
    [InlineData("+ ?#&é🩺\"'\\")]
    [InlineData("%")]
    public async Task An_id_in_a_path_may_hold_any_character(string id)
    {
        var ada = app.As(_tenant, "ada");
        var body = new System.Text.Json.Nodes.JsonObject { ["id"] = id, ["subject"] = "s", ["participants"] = new System.Text.Json.Nodes.JsonArray() };
        var thread = (await ada.PostAsync("/api/messaging", body.ToJsonString())).Expect(HttpStatusCode.Created);

        var sent = (await ada.PostAsync(thread.Location!, """{"body":"x"}""", "k")).Expect(HttpStatusCode.Created);

        Assert.Equal(id, (string?)sent.Json["threadId"]);
        (await ada.GetAsync(thread.Location + "?limit=1")).Expect(HttpStatusCode.OK);
    }
}
