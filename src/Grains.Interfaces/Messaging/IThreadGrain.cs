using Clinic.Topics;

namespace Clinic.Messaging;

/// <summary>A message thread's topic.</summary>
[Alias("Clinic.IThreadGrain")]
public interface IThreadGrain : ITopicGrain;
