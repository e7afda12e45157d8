using Clinic.Records;
using FluentValidation;

namespace Clinic.Messaging;

/// <summary>A message as clients and events have it.</summary>
/// <param name="Id">The message's id.</param>
/// <param name="ThreadId">Its thread.</param>
/// <param name="Sequence">Its place in the thread, from 1, rising by one.</param>
/// <param name="Author">The user who sent it.</param>
/// <param name="AuthorName">That user's name at the time.</param>
/// <param name="Body">What it says.</param>
/// <param name="SentAt">When it was sent.</param>
/// <param name="ReadBy">Who has read it, in the order of reading; the author is not among them.</param>
internal sealed record Message(
    string Id,
    string ThreadId,
    long Sequence,
    string Author,
    string AuthorName,
    string Body,
    DateTimeOffset SentAt,
    IReadOnlyList<MessageReading> ReadBy);

/// <summary>That a user has read a message.</summary>
internal sealed record MessageReading(string User, DateTimeOffset ReadAt);

/// <summary>The body that sends a message.</summary>
internal sealed record NewMessage(string? Body)
{
    private const int MaxBody = 8000;

    /// <summary>What is asked of it.</summary>
    public sealed class Validator : AbstractValidator<NewMessage>
    {
        public Validator() => RuleFor(m => m.Body).NotNull().IsText(1, MaxBody);
    }
}

/// <summary>The data of <c>message:read</c>.</summary>
internal sealed record MessageRead(string MessageId, string ThreadId, string User, DateTimeOffset ReadAt);
