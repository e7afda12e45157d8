using Clinic.Topics;
using Orleans.Concurrency;

namespace Clinic.Tenancy;

/// <inheritdoc cref="ITenantGrain" />
[Reentrant, GrainType("tenant")]
internal sealed class TenantGrain(TopicServices services, IGrainContext context) : TopicGrain(services, context), ITenantGrain;
