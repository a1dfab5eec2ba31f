using GpuActors.Core.Metrics;

namespace GpuActors.Core.Codecs;

/// <summary>One line of <see cref="NestedEventNames"/>.</summary>
/// <param name="Section">Section of <c>metrics</c>.</param>
/// <param name="Member">Member of the section.</param>
/// <param name="Metric">What it is here.</param>
/// <param name="Times">What its value is multiplied with to come into the catalogue's unit.</param>
/// <param name="Per">What its value is divided by to come into the catalogue's unit.</param>
/// <param name="ZeroIsMissing">True where a zero can only be what the event's producer writes for a value that it does not have.</param>
internal sealed record NestedEventName(
    string Section,
    string Member,
    Metric Metric,
    double Times = 1,
    double Per = 1,
    bool ZeroIsMissing = false
)
{
    /// <summary>The value in the catalogue's unit; NaN when it is missing.</summary>
    public double Convert(double value) => value == 0 && ZeroIsMissing ? double.NaN : value * Times / Per;
}
