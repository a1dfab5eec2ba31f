using System.Runtime.CompilerServices;
using GpuActors.Core.Metrics;

namespace GpuActors.Core.Samples;

/// <summary>
/// All metrics of one GPU at one scrape. Compact and reusable: a flat array of doubles, one slot per <see cref="Metric"/>, in which NaN
/// stands for "missing" (never 0). A decoder fills it in place; whoever owns the <see cref="SampleBatch"/> it belongs to reuses it
/// afterwards, so nobody keeps a reference past the handling of the batch. Not thread-safe.
/// </summary>
public sealed class GpuSample
{
    private Slots _values;
    private XidCount[] _xidCounts = [];
    private int _xidCountLength;

    /// <summary>An empty sample: every metric missing.</summary>
    public GpuSample() => Clear();

    /// <summary>The GPU. Set by the decoder before anyone else sees the sample.</summary>
    public GpuIdentity Gpu { get; set; } = null!;

    /// <summary>Host, index, model and driver.</summary>
    public GpuInfo Info { get; set; } = GpuInfo.Unknown;

    /// <summary>When the GPU was scraped, in Unix milliseconds: the only time that windows and rules know.</summary>
    public long TimeMs { get; set; }

    /// <summary>When Kafka appended the record (its timestamp), in Unix milliseconds; latency is counted from here.</summary>
    public long AppendTimeMs { get; set; }

    /// <summary>Partition that the record came from.</summary>
    public int Partition { get; set; }

    /// <summary>Offset of the record in its partition; a GPU ignores offsets it has seen.</summary>
    public long Offset { get; set; }

    /// <summary>The next sample of the same GPU in the same batch, in offset order; null at the last. The batch owns the chain.</summary>
    public GpuSample? NextOfGpu { get; set; }

    /// <summary>The value of a metric; NaN means missing. Setting NaN makes it missing.</summary>
    public double this[Metric metric]
    {
        get => _values[(int)metric];
        set => _values[(int)metric] = value;
    }

    /// <summary>All slots, indexed by <see cref="Metric"/>; NaN means missing.</summary>
    public Span<double> Values => ((Span<double>)_values)[..MetricCatalog.Count];

    /// <summary>True when the metric is there.</summary>
    public bool Has(Metric metric) => !double.IsNaN(_values[(int)metric]);

    /// <summary>The value, or null when it is missing.</summary>
    public double? Get(Metric metric) => _values[(int)metric] is var v && double.IsNaN(v) ? null : v;

    /// <summary>The exporter's windowed counts of XIDs, in no order; empty when it has none or does not publish them.</summary>
    public ReadOnlySpan<XidCount> XidCounts => _xidCounts.AsSpan(0, _xidCountLength);

    /// <summary>Takes a windowed count. Beyond 32 codes, which no exporter shows at once, further ones are left out.</summary>
    /// <returns>False when it was left out.</returns>
    public bool AddXidCount(XidCount count)
    {
        const int Most = 32;
        if (_xidCountLength == Most)
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

    /// <summary>Makes every metric missing and forgets the rest, so that the object can be filled again.</summary>
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
