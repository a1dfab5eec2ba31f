using GpuActors.Core.Metrics;

namespace GpuActors.Core.Codecs;

/// <summary>One entry of <see cref="NestedEventNames"/>: a member of the nested event and the metric that it maps to.</summary>
/// <param name="Section">Section of <c>metrics</c>.</param>
/// <param name="Member">Member of the section.</param>
/// <param name="Metric">The metric.</param>
/// <param name="Times">Factor by which the value is multiplied to convert it to the catalogue's unit.</param>
/// <param name="Per">Divisor by which the value is divided to convert it to the catalogue's unit.</param>
/// <param name="IsProfiling">True if the value is a share of cycles, which comes in percent or, where the collector of the replaced system
/// scrapes a real dcgm-exporter, as a ratio under the same name.</param>
/// <param name="ZeroIsMissing">True if a zero can only mean that the event's producer did not have the value.</param>
internal sealed record NestedEventName(
    string Section,
    string Member,
    Metric Metric,
    double Times = 1,
    double Per = 1,
    bool IsProfiling = false,
    bool ZeroIsMissing = false
)
{
    /// <summary>Converts a value to the catalogue's unit; NaN if it is missing.</summary>
    public double Convert(double value) => (value == 0 && ZeroIsMissing) || !double.IsFinite(value) ? double.NaN : value * Times / Per;
}
