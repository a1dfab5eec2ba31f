using System.Runtime.CompilerServices;
using GpuActors.Core.Metrics;

namespace GpuActors.Core.Samples;

/// <summary>
/// All metrics of one GPU at one scrape: a flat array of doubles with one slot per <see cref="Metric"/>, in which NaN means missing. A
/// decoder fills the object in place. The owner of its <see cref="SampleBatch"/> reuses it once the batch is complete, so no reference may
/// be kept after that. Not thread-safe.
/// </summary>
public sealed class GpuSample
{
    private Slots _values;
    private XidCount[] _xidCounts = [];
    private int _xidCountLength;

    /// <summary>Creates an empty sample, in which every metric is missing.</summary>
    public GpuSample() => Clear();

    /// <summary>The GPU. The decoder sets it before it passes the sample on.</summary>
    public GpuIdentity Gpu { get; set; } = null!;

    /// <summary>Host, index, PCI bus id, model, driver and workload of the GPU.</summary>
    public GpuInfo Info { get; set; } = GpuInfo.Unknown;

    /// <summary>Time of the scrape, in Unix milliseconds. Windows and rules use no other time.</summary>
    public long TimeMs { get; set; }

    /// <summary>Time at which Kafka appended the record, in Unix milliseconds. Latencies are measured from this time.</summary>
    public long AppendTimeMs { get; set; }

    /// <summary>Partition of the record.</summary>
    public int Partition { get; set; }

    /// <summary>Offset of the record in its partition. A GPU ignores offsets that it has already processed.</summary>
    public long Offset { get; set; }

    /// <summary>
    /// The next sample of the same GPU in the same batch, in offset order; null for the last one. The batch owns the chain.
    /// </summary>
    public GpuSample? NextOfGpu { get; set; }

    /// <summary>The value of a metric, in the unit of its catalogue entry; NaN means missing.</summary>
    public double this[Metric metric]
    {
        get => _values[(int)metric];
        set => _values[(int)metric] = value;
    }

    /// <summary>The values of all metrics, indexed by <see cref="Metric"/>; NaN means missing.</summary>
    public Span<double> Values => ((Span<double>)_values)[..MetricCatalog.Count];

    /// <summary>True if the metric has a value.</summary>
    public bool Has(Metric metric) => !double.IsNaN(_values[(int)metric]);

    /// <summary>The value of a metric; null if it is missing.</summary>
    public double? Get(Metric metric) => _values[(int)metric] is var v && double.IsNaN(v) ? null : v;

    /// <summary>
    /// The exporter's counts of XIDs over its sliding window, in no particular order; empty if there are none or the exporter does not
    /// publish them.
    /// </summary>
    public ReadOnlySpan<XidCount> XidCounts => _xidCounts.AsSpan(0, _xidCountLength);

    /// <summary>
    /// Adds a count of an XID. A sample holds at most 32 counts, more than any exporter publishes at once; further ones are ignored.
    /// </summary>
    /// <returns>False if the count was ignored.</returns>
    public bool AddXidCount(XidCount count)
    {
        const int MaxCounts = 32;
        if (_xidCountLength == MaxCounts)
        {
            return false;
        }

        if (_xidCountLength == _xidCounts.Length)
        {
            Array.Resize(ref _xidCounts, Math.Max(4, _xidCounts.Length * 2));
        }

        _xidCounts[_xidCountLength++] = count;
        return true;
    }

    /// <summary>Makes every metric missing and resets all members except <see cref="Gpu"/>, so that the object can be reused.</summary>
    public void Clear()
    {
        Values.Fill(double.NaN);
        NextOfGpu = null;
        _xidCountLength = 0;
        Info = GpuInfo.Unknown;
        TimeMs = AppendTimeMs = Offset = 0;
        Partition = 0;
    }

    [InlineArray(MetricCatalog.Count)]
    private struct Slots
    {
        private double _first;
    }
}
