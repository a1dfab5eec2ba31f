using System.Collections.Immutable;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Host.Collecting;

/// <summary>
/// How many GPUs of one exporter lack each of the fields that alerts cannot do without. Written by its endpoint, read by the meter.
/// </summary>
internal sealed class MissingFields
{
    private readonly int[] _gpus = new int[Required.Length];
    private readonly bool[] _before = new bool[Required.Length];
    private readonly bool[] _told = new bool[Required.Length];

    /// <summary>The fields, in the catalogue's order.</summary>
    public static ImmutableArray<MetricDefinition> Required { get; } = [.. MetricCatalog.All.Where(m => m.Required)];

    /// <summary>GPUs of the last whole page that lack the field; by index in <see cref="Required"/>.</summary>
    public int Gpus(int field) => Volatile.Read(ref _gpus[field]);

    /// <summary>Counts a whole page.</summary>
    /// <returns>Fields to tell a person of, each once: those that two pages in a row lack, since one that comes from counts of clock events
    /// is not on the first.</returns>
    public IReadOnlyList<string> Count(ReadOnlySpan<GpuSample> samples)
    {
        List<string>? news = null;
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
            if (lacking > 0 && _before[field] && !_told[field])
            {
                _told[field] = true;
                (news ??= []).Add($"{metric.Name} on {lacking} of {samples.Length} GPUs");
            }

            _before[field] = lacking > 0;
        }

        return news ?? (IReadOnlyList<string>)[];
    }
}
