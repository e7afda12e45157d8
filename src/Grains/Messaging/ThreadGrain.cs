using Clinic.Topics;
using Orleans.Concurrency;

namespace Clinic.Messaging;

/// <inheritdoc cref="IThreadGrain" />
[Reentrant, GrainType("thread")]
internal sealed class ThreadGrain(TopicServices services, IGrainContext context) : TopicGrain(services, context), IThreadGrain;
