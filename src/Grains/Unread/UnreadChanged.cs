using System.Text.Json.Serialization;

namespace Clinic.Unread;

/// <summary>The data of <c>unread:changed</c>.</summary>
/// <param name="Messages">Messages the user has not read.</param>
/// <param name="Notifications">Notifications the user has not acknowledged.</param>
/// <param name="ThreadId">The thread that changed the count; left out when it was a notification.</param>
public sealed record UnreadChanged(
    int Messages, int Notifications, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ThreadId)
{
    /// <summary>Counts a notification more, for parameters <c>Tenant</c> and <c>user</c>; brings the user's counts and locks them.</summary>
    public const string RaiseNotificationsSql = """
        insert into unread (tenant, user_id, messages, notifications) values (@Tenant, @user, 0, 1)
        on conflict (tenant, user_id) do update set notifications = unread.notifications + 1
        returning user_id, messages, notifications
        """;
}
