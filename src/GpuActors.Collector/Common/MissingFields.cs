using System.Collections.Immutable;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Collector.Common;

/// <summary>
/// Counts the GPUs of one exporter that lack a field that alerts need. The endpoint writes, the meter reads.
/// </summary>
internal sealed class MissingFields
{
    private readonly int[] _gpus = new int[Required.Length];
    private readonly bool[] _before = new bool[Required.Length];
    private readonly bool[] _noticed = new bool[Required.Length];

    /// <summary>The required fields that exporters publish whatever their value is, in the catalogue's order.</summary>
    public static ImmutableArray<MetricDefinition> Required { get; } =
    [.. MetricCatalog.All.Where(metric => metric is { Required: true, OnlyWhenNonZero: false })];

    /// <summary>GPUs of the last complete page that lack the field.</summary>
    /// <param name="field">Index in <see cref="Required"/>.</param>
    public int Gpus(int field) => Volatile.Read(ref _gpus[field]);

    /// <summary>Counts a complete page.</summary>
    /// <returns>Fields that a person should be told of, each once: fields that two consecutive pages lack. One page is not enough, since
    /// the throttle reasons that are derived from counts of clock events are missing on the first.</returns>
    public IReadOnlyList<string> Count(ReadOnlySpan<GpuSample> samples)
    {
        List<string>? notices = null;
        for (var field = 0; field < Required.Length; field++)
        {
            var metric = Required[field];
            var lacking = 0;
            foreach (var sample in samples)
            {
                var value = sample.Values[(int)metric.Metric];
                lacking += value >= metric.Min && value <= metric.Max ? 0 : 1;
            }

            Volatile.Write(ref _gpus[field], lacking);
            if (lacking > 0 && _before[field] && !_noticed[field])
            {
                _noticed[field] = true;
                (notices ??= []).Add($"{metric.Name} on {lacking} of {samples.Length} GPUs");
            }

            _before[field] = lacking > 0;
        }

        return notices ?? (IReadOnlyList<string>)[];
    }
}
