using Clinic.Storage;
using Clinic.Topics;
using Dapper;

namespace Clinic.Security;

/// <summary>
/// The contract's own rules: everybody in their clinic's topic, users in their own, participants in their threads, staff in charts. A backend may
/// publish to all of these; its thread has to exist.
/// </summary>
internal sealed class TopicAuthorizer(ClinicDatabase database) : ITopicAuthorizer
{
    private const string ParticipantSql =
        "select count(*) from thread_participant where tenant = @Tenant and thread_id = @Id and user_id = @User";

    private const string ThreadSql = "select count(*) from thread where tenant = @Tenant and id = @Id";

    public async ValueTask<TopicAccess> AuthorizeAsync(TopicRequest request, CancellationToken cancellation) => request.Topic.Kind switch
    {
        TopicKind.Tenant => TopicAccess.Allowed,
        TopicKind.User => Allow(request.User is null || request.User == request.Topic.Id),
        TopicKind.Patient => Allow(request.User is null || Roles.AreStaff(request.Roles)),
        // Whether the thread exists is nobody's business but its participants'.
        _ => await ExistsAsync(request, cancellation) ? TopicAccess.Allowed : TopicAccess.NotFound,
    };

    private static TopicAccess Allow(bool allowed) => allowed ? TopicAccess.Allowed : TopicAccess.Forbidden;

    private Task<bool> ExistsAsync(TopicRequest request, CancellationToken cancellation)
    {
        var query = new CommandDefinition(
            request.User is null ? ThreadSql : ParticipantSql,
            new { request.Topic.Tenant, request.Topic.Id, request.User },
            cancellationToken: cancellation);
        return database.ReadAsync(async connection => await connection.ExecuteScalarAsync<long>(query) > 0, cancellation);
    }
}
