using Clinic.Charts;
using Clinic.Messaging;
using Clinic.Notifications;
using Clinic.Tenancy;

namespace Clinic.Topics;

/// <summary>From a topic to its grain.</summary>
public static class TopicGrains
{
    /// <summary>The grain of a topic, of the class that its kind has.</summary>
    public static ITopicGrain GetTopic(this IGrainFactory grains, TopicId topic)
    {
        ArgumentNullException.ThrowIfNull(grains);
        return topic.Kind switch
        {
            TopicKind.Tenant => grains.GetGrain<ITenantGrain>(topic.Key),
            TopicKind.User => grains.GetGrain<IUserGrain>(topic.Key),
            TopicKind.Thread => grains.GetGrain<IThreadGrain>(topic.Key),
            _ => grains.GetGrain<IPatientGrain>(topic.Key),
        };
    }
}
