using Clinic.Topics;

namespace Clinic.Tenancy;

/// <summary>A clinic's topic: who is online, and what concerns everybody.</summary>
[Alias("Clinic.ITenantGrain")]
public interface ITenantGrain : ITopicGrain;
