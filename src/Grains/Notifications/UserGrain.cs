using Clinic.Topics;
using Orleans.Concurrency;

namespace Clinic.Notifications;

/// <inheritdoc cref="IUserGrain" />
[Reentrant, GrainType("user")]
internal sealed class UserGrain(TopicServices services, IGrainContext context) : TopicGrain(services, context), IUserGrain;
