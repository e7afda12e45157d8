namespace Clinic.Faults.Check;

/// <summary>A time from its beginning to before its end.</summary>
internal readonly record struct Span(double From, double Until)
{
    public bool Holds(double at) => at >= From && at < Until;

    public bool Overlaps(Span other) => From < other.Until && other.From < Until;
}
