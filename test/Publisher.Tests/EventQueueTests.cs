namespace Clinic.Publisher;

public sealed class EventQueueTests
{
    public static TheoryData<int> Seeds => new(Enumerable.Range(1, 50));

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Events_leave_each_topic_in_the_order_they_came_one_at_a_time_and_never_more_than_the_bounds_are_inside(int seed)
    {
        var random = new Random(seed);
        var (capacity, maxBytes) = (random.Next(1, 20), random.Next(9, 100));
        var queue = new EventQueue(capacity, maxBytes);
        var model = new Dictionary<string, List<OutgoingEvent>>();
        var inHand = new Dictionary<string, OutgoingEvent>();
        for (var n = 0; n < 400; n++)
        {
            if (random.NextDouble() < 0.55)
            {
                Add(Event(random.Next(6), n, random.Next(1, 10)));
            }
            else if (inHand.Count > 0)
            {
                Finish(inHand.Keys.ElementAt(random.Next(inHand.Count)));
            }

            Assert.Equal(model.Values.Sum(lane => lane.Count), queue.Count);
        }

        var emptied = queue.CloseAsync();
        Assert.Equal(Admission.Closed, queue.Add(Event(0, -1, 1)));
        while (inHand.Count > 0)
        {
            Assert.False(emptied.IsCompleted);
            Finish(inHand.Keys.First());
        }

        await emptied.WaitAsync(TimeSpan.FromSeconds(10));

        void Add(OutgoingEvent added)
        {
            var inside = model.Values.SelectMany(lane => lane).ToList();
            var lane = model.TryGetValue(added.Topic, out var known) ? known : model[added.Topic] = [];
            var fits = inside.Count < capacity && inside.Sum(e => e.Data.Length) + added.Data.Length <= maxBytes;
            Assert.Equal(!fits ? Admission.Full : lane.Count > 0 ? Admission.Waits : Admission.Starts, queue.Add(added));
            if (fits)
            {
                lane.Add(added);
                inHand.TryAdd(added.Topic, added);
            }
        }

        void Finish(string topic)
        {
            var next = queue.Next(inHand[topic]);
            model[topic].RemoveAt(0);
            Assert.Same(model[topic].FirstOrDefault(), next);
            inHand.Remove(topic);
            if (next is not null)
            {
                inHand[topic] = next;
            }
        }
    }

    [Fact]
    public void Two_clinics_topics_of_one_name_are_two_lanes()
    {
        var queue = new EventQueue(10, 100);
        Assert.Equal(Admission.Starts, queue.Add(Event(1, 1, 1) with { Tenant = "a" }));
        Assert.Equal(Admission.Starts, queue.Add(Event(1, 2, 1) with { Tenant = "b" }));
        Assert.Equal(Admission.Waits, queue.Add(Event(1, 3, 1) with { Tenant = "a" }));
    }

    private static OutgoingEvent Event(int lane, int n, int bytes) => new("t", $"patient:{lane}", "a", $"{n}", new byte[bytes], 0);
}
