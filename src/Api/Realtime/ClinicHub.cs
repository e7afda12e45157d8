using System.Text;
using System.Text.Json;
using Clinic.Messaging;
using Clinic.Notifications;
using Clinic.Presence;
using Clinic.Records;
using Clinic.Security;
using Clinic.Streams;
using Clinic.Topics;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.SignalR;

namespace Clinic.Realtime;

/// <summary>The live connection of a browser: <c>/hubs/clinic</c>. It checks and translates; others do. Methods carry their wire names.</summary>
[Authorize(Policy = SecurityPolicies.User)]
internal sealed class ClinicHub(
    Connections connections,
    Participation participation,
    ChartParticipation charts,
    TopicGate gate,
    ConnectionTokens tokens,
    TopicRelay relay,
    MessageReader messages,
    NotificationAcknowledger notifications) : Hub
{
    private const int MaxSignalBytes = 4096;
    /// <summary>As for the data of events: a .NET client reads 64 levels in all, and one sender must not break the others' connections.</summary>
    private const int MaxSignalDepth = 32;

    private const int MaxReason = 500;

    private LiveConnection Connection => connections.Find(Context.ConnectionId) ?? throw HubError.Unavailable();

    public override Task OnConnectedAsync()
    {
        tokens.Admit(Connection, Context);
        participation.Enter(Connection);
        return Task.CompletedTask;
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        if (connections.Find(Context.ConnectionId) is { Caller: not null } connection)
        {
            participation.Leave(connection, Context.GetHttpContext()?.Features.Get<CloseWatch>()?.ClosedOnPurpose == true);
        }

        return Task.CompletedTask;
    }

    /// <summary>Takes part in a topic; with a position, what was missed since comes with the answer, whole or not at all.</summary>
    public Task<WireSubscription> Subscribe(string? topic, WirePosition? since) =>
        participation.SubscribeAsync(Connection, TopicOf(topic), PositionOf(since));

    public void Unsubscribe(string? topic) => participation.Unsubscribe(Connection, TopicOf(topic));

    public void SetStatus(string? status) => participation.SetStatus(Connection, StatusOf(status));

    public Task StartTyping(string? threadId) => participation.SetTypingAsync(Connection, Thread(threadId), typing: true);

    public Task StopTyping(string? threadId) => participation.SetTypingAsync(Connection, Thread(threadId), typing: false);

    public Task<WireViewers> OpenChart(string? patientId, string? reason)
    {
        if (reason?.Length > MaxReason)
        {
            throw HubError.Invalid("reason", $"has at most {MaxReason} characters");
        }

        if (reason is not null && !RecordText.IsStorable(reason))
        {
            throw HubError.Invalid("reason", "has a NUL or half of a surrogate pair in it");
        }

        return charts.OpenChartAsync(Connection, Patient(patientId), reason);
    }

    public Task<WireViewers> CloseChart(string? patientId) => charts.CloseChartAsync(Connection, Patient(patientId));

    public Task<WireEdit> BeginEdit(string? patientId, string? section) =>
        charts.BeginEditAsync(Connection, Patient(patientId), Section(section), takeOver: false);

    public Task<WireEdit> TakeOverEdit(string? patientId, string? section) =>
        charts.BeginEditAsync(Connection, Patient(patientId), Section(section), takeOver: true);

    public Task EndEdit(string? patientId, string? section) =>
        charts.EndEditAsync(Connection, Patient(patientId), Section(section));

    public async Task MarkRead(string? messageId)
    {
        Require(messageId, nameof(messageId));
        if (await messages.MarkReadAsync(Connection.Caller, messageId!, Context.ConnectionAborted) == MarkReadOutcome.NotFound)
        {
            throw HubError.NotFound();
        }
    }

    public async Task AcknowledgeNotification(string? notificationId)
    {
        Require(notificationId, nameof(notificationId));
        if (await notifications.AcknowledgeAsync(Connection.Caller, notificationId!, Context.ConnectionAborted) is null)
        {
            throw HubError.NotFound();
        }
    }

    /// <summary>Tells the topic's other connections something that is not kept.</summary>
    public async Task Signal(string? topic, string? name, JsonElement data)
    {
        var target = TopicOf(topic);
        Require(name, nameof(name));
        var json = Encoding.UTF8.GetBytes(data.ValueKind == JsonValueKind.Undefined ? "null" : data.GetRawText());
        if (json.Length > MaxSignalBytes)
        {
            throw HubError.LimitExceeded($"data has at most {MaxSignalBytes} bytes");
        }

        if (!IsFlatEnough(json))
        {
            throw HubError.Invalid("data", $"is nested more than {MaxSignalDepth} levels deep");
        }

        if (!Connection.Subscribed.ContainsKey(target))
        {
            await gate.AuthorizeAsync(Connection, target);
        }

        relay.Signal(new SignalItem(target, name!, json, Connection.User), Connection.Id);
    }

    /// <summary>Goes on with a fresh token of the same user and clinic; what its roles do not allow any more ends.</summary>
    public async Task Authenticate(string? token)
    {
        var connection = Connection;
        await tokens.RenewAsync(connection, token);
        await participation.ReviewAsync(connection);
    }

    private TopicId TopicOf(string? topic) =>
        TopicId.TryParseWire(topic, Connection.Caller.Tenant, Connection.User, out var parsed)
            ? parsed.Value
            : throw HubError.Invalid("topic", "is not tenant, user, thread:{id} or patient:{id}");

    private TopicId Thread(string? id)
    {
        Require(id, "threadId");
        return TopicId.ForThread(Connection.Caller.Tenant, id!);
    }

    private TopicId Patient(string? id)
    {
        Require(id, "patientId");
        return TopicId.ForPatient(Connection.Caller.Tenant, id!);
    }

    private static bool IsFlatEnough(byte[] json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 64 });
        while (reader.Read())
        {
            if (reader.CurrentDepth >= MaxSignalDepth && (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject))
            {
                return false;
            }
        }

        return true;
    }

    private static string Section(string? section)
    {
        Require(section, nameof(section));
        return section!;
    }

    private static void Require(string? id, string field)
    {
        if (!Identifier.IsValid(id))
        {
            throw HubError.Invalid(field, $"is text of 1 to {Identifier.MaxLength} characters");
        }
    }

    private static LogPosition? PositionOf(WirePosition? since) => since switch
    {
        null => null,
        { Offset: null } or { Offset: < 0 } => throw HubError.Invalid("since.offset", "is a number from 0"),
        { Epoch: not { Length: > 0 and <= Identifier.MaxLength } } => throw HubError.Invalid("since.epoch", "is the epoch that came with the offset"),
        _ => new LogPosition(since.Epoch, since.Offset.Value),
    };

    private static PresenceStatus StatusOf(string? status) => status switch
    {
        "active" => PresenceStatus.Active,
        "away" => PresenceStatus.Away,
        "busy" => PresenceStatus.Busy,
        "hidden" => PresenceStatus.Hidden,
        _ => throw HubError.Invalid("status", "is active, away, busy or hidden"),
    };
}
