using Clinic.Topics;

namespace Clinic.Security;

/// <summary>
/// Decides who may subscribe, signal, open or publish to a topic within their own clinic. Register another implementation to ask the
/// integrator's own system; the tenant has been checked before and can't be changed here.
/// </summary>
public interface ITopicAuthorizer
{
    /// <summary>Whether the caller may take part in the topic.</summary>
    /// <exception cref="TimeoutException">Who decides can't be reached; the caller is told <c>unavailable</c>.</exception>
    ValueTask<TopicAccess> AuthorizeAsync(TopicRequest request, CancellationToken cancellation);
}

/// <summary>A wish to take part in a topic.</summary>
/// <param name="Topic">The topic, in the caller's own clinic.</param>
/// <param name="User">The user; null for a backend that publishes.</param>
/// <param name="Roles">The user's roles.</param>
public sealed record TopicRequest(TopicId Topic, string? User, IReadOnlyList<string> Roles);

/// <summary>The answer to a wish to take part in a topic.</summary>
public enum TopicAccess
{
    /// <summary>Yes.</summary>
    Allowed,

    /// <summary>No, and the caller is told so.</summary>
    Forbidden,

    /// <summary>No, in the words used for a topic that does not exist.</summary>
    NotFound,
}
