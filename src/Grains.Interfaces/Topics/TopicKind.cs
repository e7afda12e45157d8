namespace Clinic.Topics;

/// <summary>What a topic is about; one grain class each.</summary>
public enum TopicKind
{
    /// <summary>Everybody signed in to one clinic.</summary>
    Tenant = 0,

    /// <summary>One user's own topic: notifications and unread counts.</summary>
    User = 1,

    /// <summary>A message thread and its participants.</summary>
    Thread = 2,

    /// <summary>A patient's chart: viewers, edits, chart events.</summary>
    Patient = 3,
}
