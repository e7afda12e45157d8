namespace Clinic.Topics;

public sealed class TopicIdTests
{
    [Theory]
    [InlineData("a/b", "c")]
    [InlineData("a", "b/c")]
    [InlineData("a%2Fb", "c")]
    [InlineData("\U0001F600 \n\t:", "ünï/cödé%")]
    public void A_key_is_read_back_as_what_it_was_made_of(string tenant, string id)
    {
        foreach (var topic in new[] { TopicId.ForTenant(tenant), TopicId.ForUser(tenant, id), TopicId.ForThread(tenant, id), TopicId.ForPatient(tenant, id) })
        {
            Assert.Equal(topic, TopicId.Parse(topic.Key));
        }
    }

    [Fact]
    public void Different_topics_never_share_a_key()
    {
        string[] parts = ["a", "b", "a/b", "b/a", "a%2Fb", "%", "/", "a/", "/a", "A", "cafe", "CAFE", "10", "ä", "a\u0308"];
        var keys = from tenant in parts from id in parts from topic in new[] { TopicId.ForUser(tenant, id), TopicId.ForThread(tenant, id), TopicId.ForPatient(tenant, id) } select topic.Key;
        Assert.Equal(keys.Count(), keys.Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData("tenant", true)]
    [InlineData("user", true)]
    [InlineData("thread:x", true)]
    [InlineData("patient:a:b", true)]
    [InlineData("user:ben", false)]
    [InlineData("tenant:other", false)]
    [InlineData("thread:", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_member_names_topics_of_the_own_clinic_alone(string? name, bool known)
    {
        Assert.Equal(known, TopicId.TryParseWire(name, "north", "ann", out var topic));
        Assert.True(!known || topic!.Value.Tenant == "north");
    }

    [Theory]
    [InlineData("x", true)]
    [InlineData("", false)]
    [InlineData("a\0b", false)]
    public void An_id_is_well_formed_text_without_nul(string id, bool valid) => Assert.Equal(valid, Identifier.IsValid(id));

    [Fact]
    public void A_lone_surrogate_is_no_text() => Assert.False(Identifier.IsValid(new string((char)0xD800, 1)));

    [Fact]
    public void An_id_has_at_most_128_characters()
    {
        Assert.True(Identifier.IsValid(new string('x', 128)));
        Assert.False(Identifier.IsValid(new string('x', 129)));
    }
}
