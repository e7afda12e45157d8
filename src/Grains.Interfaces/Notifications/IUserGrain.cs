using Clinic.Topics;

namespace Clinic.Notifications;

/// <summary>A user's own topic.</summary>
[Alias("Clinic.IUserGrain")]
public interface IUserGrain : ITopicGrain;
