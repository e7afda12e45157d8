using Clinic.Topics;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Clinic.Messaging;

/// <inheritdoc cref="IThreadGrain" />
[Reentrant, GrainType("thread")]
internal sealed class ThreadGrain(TopicServices services, IGrainContext context) : TopicGrain(services, context), IThreadGrain;
