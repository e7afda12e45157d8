namespace Clinic.Peers.Workloads;

/// <summary>One of a crowd: who it is, in which clinic, at which host, and the topic that it joins.</summary>
internal sealed record CrowdUser(string Tenant, string Name, Uri Host, string Topic);
