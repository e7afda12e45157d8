using System.Net;
using System.Text.Json.Nodes;
using Clinic.Records;

namespace Clinic.Orders;

public sealed class OrderRoutesOnSqliteTests(SqliteRecordApp app) : OrderRoutesTests(app), IClassFixture<SqliteRecordApp>;

public sealed class OrderRoutesOnPostgreSqlTests(PostgreSqlRecordApp app) : OrderRoutesTests(app), IClassFixture<PostgreSqlRecordApp>;

public abstract class OrderRoutesTests
{
    private static readonly string[] Told = ["user:bob notification:new", "user:bob unread:changed"];

    private readonly RecordApp _app;
    private readonly string _now;
    private readonly RecordClient _ada;

    protected OrderRoutesTests(RecordApp app)
    {
        _app = app;
        _now = Rfc3339.Format(app.Time.GetUtcNow());
        _ada = app.As(RecordApp.NewTenant(), "ada", "provider");
    }

    [Theory]
    [InlineData("normal")]
    [InlineData("urgent")]
    public async Task An_order_is_kept_and_its_provider_notified(string priority)
    {
        var made = (await _ada.PostAsync("/api/orders", BodyOf(priority))).Expect(HttpStatusCode.Created);

        Assert.Equal($"/api/orders/{made.Id}", made.Location);
        RecordAssert.SameJson(
            $$"""
            {"id":"{{made.Id}}","patientId":"p1","providerId":"bob","kind":"X-ray","details":"Left knee","priority":"{{priority}}","status":"new",
             "createdBy":"ada","createdAt":"{{_now}}","updatedAt":"{{_now}}","version":1}
            """,
            made.Json);
        RecordAssert.SameJson(made.Body, (await _ada.GetAsync(made.Location!)).Expect(HttpStatusCode.OK).Json);
        var notice = (await _app.ExpectEventsAsync(_ada.Tenant, Told))[0].Json.AsObject();
        Assert.True(notice.Remove("id"));
        RecordAssert.SameJson(
            $$"""
            {"kind":"order_new","priority":"{{priority}}","title":"New order: X-ray","body":"From ada's name","link":"/orders/{{made.Id}}",
             "requiresAck":false}
            """,
            notice);
    }

    [Fact]
    public async Task Each_change_of_an_urgent_orders_status_notifies_the_provider_once()
    {
        var id = await MakeAsync("urgent");

        await SetStatusAsync(id, "in_progress");
        var again = await SetStatusAsync(id, "in_progress");
        await SetStatusAsync(id, "completed");

        Assert.Equal(("in_progress", 2), ((string?)again.Json["status"], (int)again.Json["version"]!));
        var events = await _app.ExpectEventsAsync(_ada.Tenant, [.. Told, .. Told, .. Told]);
        var notice = events[2].Json.AsObject();
        Assert.True(notice.Remove("id"));
        RecordAssert.SameJson(
            $$"""
            {"kind":"order_urgent","priority":"urgent","title":"Urgent order: X-ray","body":"Now in progress","link":"/orders/{{id}}","requiresAck":false}
            """,
            notice);
        Assert.Equal("Now completed", (string?)events[4].Json["body"]);
    }

    [Fact]
    public async Task A_normal_orders_status_changes_quietly()
    {
        var id = await MakeAsync("normal");

        var changed = await SetStatusAsync(id, "cancelled");

        Assert.Equal("cancelled", (string?)changed.Json["status"]);
        await _app.ExpectEventsAsync(_ada.Tenant, Told);
    }

    [Fact]
    public async Task A_provider_who_orders_from_themselves_is_notified_too()
    {
        (await _app.As(_ada.Tenant, "bob").PostAsync("/api/orders", BodyOf("normal"))).Expect(HttpStatusCode.Created);

        await _app.ExpectEventsAsync(_ada.Tenant, Told);
    }

    [Fact]
    public async Task Of_many_that_complete_it_at_once_one_notifies()
    {
        var id = await MakeAsync("urgent");

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SetStatusAsync(id, "completed")));

        await _app.ExpectEventsAsync(_ada.Tenant, [.. Told, .. Told]);
    }

    [Fact]
    public async Task A_repeat_with_the_same_key_notifies_once()
    {
        var first = (await _ada.PostAsync("/api/orders", BodyOf("urgent"), "key")).Expect(HttpStatusCode.Created);
        var again = (await _ada.PostAsync("/api/orders", BodyOf("urgent"), "key")).Expect(HttpStatusCode.Created);

        Assert.Equal((first.Body, true), (again.Body, again.Replayed));
        await _app.ExpectEventsAsync(_ada.Tenant, Told);
    }

    [Fact]
    public async Task Another_clinic_neither_sees_nor_changes_it()
    {
        var id = await MakeAsync("urgent");
        var eve = _app.As(RecordApp.NewTenant(), "ada", "provider");

        foreach (var (client, order) in new[] { (eve, id), (_ada, "none") })
        {
            (await client.GetAsync($"/api/orders/{order}")).ExpectProblem(HttpStatusCode.NotFound, "not_found");
            (await client.PatchAsync($"/api/orders/{order}/status", """{"status":"completed"}""")).ExpectProblem(HttpStatusCode.NotFound, "not_found");
        }

        Assert.Empty(await eve.ReadAllAsync("/api/orders?patientId=p1"));
        await _app.ExpectEventsAsync(eve.Tenant);
        await _app.ExpectEventsAsync(_ada.Tenant, Told);
    }

    [Fact]
    public async Task The_list_is_of_a_patient_a_provider_or_both_newest_first()
    {
        var ids = new List<string>();
        foreach (var (patient, provider) in new[] { ("p1", "bob"), ("p2", "bob"), ("p1", "cyd"), ("p1", "bob") })
        {
            ids.Add((await _ada.PostAsync(
                "/api/orders", BodyOf("normal").Replace("p1", patient, StringComparison.Ordinal).Replace("bob", provider, StringComparison.Ordinal))).Id);
            _app.Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal([ids[3], ids[2], ids[0]], await IdsAsync("patientId=p1"));
        Assert.Equal([ids[3], ids[1], ids[0]], await IdsAsync("providerId=bob"));
        Assert.Equal([ids[3], ids[0]], await IdsAsync("patientId=p1&providerId=bob"));

        async Task<IEnumerable<string>> IdsAsync(string query) => (await _ada.ReadAllAsync($"/api/orders?{query}", 2)).Select(o => (string)o["id"]!);
    }

    [Theory]
    [InlineData("", "patientId")]
    [InlineData("patientId=", "patientId")]
    [InlineData("providerId=", "providerId")]
    [InlineData("patientId=p&limit=0", "limit")]
    [InlineData("patientId=p&cursor=x", "cursor")]
    public async Task A_list_that_is_asked_for_wrongly_names_the_parameter(string query, string field) =>
        (await _ada.GetAsync($"/api/orders?{query}")).ExpectProblem(HttpStatusCode.BadRequest, "invalid", field);

    [Theory]
    [InlineData("patientId", "null")]
    [InlineData("providerId", "\"\"")]
    [InlineData("kind", "\"\"")]
    [InlineData("details", "null")]
    [InlineData("priority", "\"high\"")]
    [InlineData("status", "\"completed\"")]
    public async Task A_wrong_field_is_named_and_nothing_is_stored(string field, string value)
    {
        var body = JsonNode.Parse(BodyOf("urgent"))!.AsObject();
        body[field] = JsonNode.Parse(value);

        (await _ada.PostAsync("/api/orders", body.ToJsonString())).ExpectProblem(HttpStatusCode.BadRequest, "invalid", field);
        Assert.Equal(0, await _app.CountAsync("patient_order", _ada.Tenant));
        await _app.ExpectEventsAsync(_ada.Tenant);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"status":"gone"}""")]
    public async Task A_status_has_to_be_one_of_the_contract(string body)
    {
        var id = await MakeAsync("normal");

        (await _ada.PatchAsync($"/api/orders/{id}/status", body)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "status");
    }

    private static string BodyOf(string priority) =>
        $$"""{"patientId":"p1","providerId":"bob","kind":"X-ray","details":"Left knee","priority":"{{priority}}"}""";

    private async Task<string> MakeAsync(string priority) => (await _ada.PostAsync("/api/orders", BodyOf(priority))).Expect(HttpStatusCode.Created).Id;

    private async Task<Reply> SetStatusAsync(string id, string status) =>
        (await _ada.PatchAsync($"/api/orders/{id}/status", $$"""{"status":"{{status}}"}""")).Expect(HttpStatusCode.OK);
}
