using System.Data.Common;
using System.Text;
using Clinic.Topics;
using Dapper;

namespace Clinic.Storage;

/// <summary>Leaves events beside a write, in the write's own transaction, for their topic to number: they happen if, and only if, the write does.</summary>
internal static class PendingEvents
{
    private const string Insert =
        "insert into pending_event (topic, id, type, data, author, written_at) values (@Topic, @Id, @Type, @Data, @Author, @now)";

    /// <summary>Leaves the events of one topic, in this order.</summary>
    public static async Task AddAsync(
        DbTransaction transaction, TopicId topic, IEnumerable<EventDraft> events, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var draft in events)
        {
            var row = new
            {
                Topic = topic.Key,
                Id = draft.Id ?? Guid.CreateVersion7(now).ToString("N"),
                draft.Type,
                Data = Encoding.UTF8.GetString(draft.Data),
                Author = draft.By,
                now,
            };
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(Insert, row, transaction, cancellationToken: cancellation));
        }
    }
}
