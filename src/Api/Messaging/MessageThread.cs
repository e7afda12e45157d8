using Clinic.Records;
using FluentValidation;

namespace Clinic.Messaging;

/// <summary>A thread as one of its participants sees it.</summary>
/// <param name="Id">The thread's id.</param>
/// <param name="Subject">What it is about.</param>
/// <param name="Participants">Who takes part, its creator among them.</param>
/// <param name="CreatedBy">The user who made it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="LastActivityAt">When its last message was sent, or when it was made.</param>
/// <param name="Unread">How many of its messages the asking user has not read.</param>
internal sealed record MessageThread(
    string Id,
    string Subject,
    IReadOnlyList<string> Participants,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset LastActivityAt,
    int Unread);

/// <summary>The body that makes a thread.</summary>
internal sealed record NewThread(string? Id, string? Subject, IReadOnlyList<string?>? Participants)
{
    private const int MaxSubject = 200;
    private const int MaxParticipants = 200;

    /// <summary>What is asked of it.</summary>
    public sealed class Validator : AbstractValidator<NewThread>
    {
        public Validator()
        {
            RuleFor(t => t.Id).IsIdentifier();
            RuleFor(t => t.Subject).NotNull().IsText(1, MaxSubject);
            RuleFor(t => t.Participants).NotNull()
                .Must(p => p is null || p.Count <= MaxParticipants).WithMessage($"Must be at most {MaxParticipants} users.");
            RuleForEach(t => t.Participants).NotNull().IsIdentifier();
        }
    }
}
