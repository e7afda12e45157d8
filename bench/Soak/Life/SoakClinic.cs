using System.Globalization;
using Clinic.Load.Events;

namespace Clinic.Soak.Life;

/// <summary>One clinic: its own topic and its charts.</summary>
internal sealed class SoakClinic
{
    public SoakClinic(int run, int number, int charts)
    {
        Name = string.Create(CultureInfo.InvariantCulture, $"soak-{run}-{number}");
        Charts = [.. Enumerable.Range(0, charts).Select(chart => string.Create(CultureInfo.InvariantCulture, $"{Name}-{chart}"))];
        Topics = [new TopicLedger(Name, "tenant"), .. Charts.Select(chart => new TopicLedger(Name, $"patient:{chart}"))];
    }

    public string Name { get; }

    public IReadOnlyList<string> Charts { get; }

    /// <summary>The clinic's topic, then those of its charts.</summary>
    public IReadOnlyList<TopicLedger> Topics { get; }
}
