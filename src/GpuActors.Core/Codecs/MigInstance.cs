using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <summary>
/// What a page says of one GPU instance (MIG) besides its GPU: the profiling ratios and the framebuffer, which DCGM reads per instance.
/// They are never the GPU's own values. Belongs to the parser, which fills it again with the next page.
/// </summary>
public sealed class MigInstance
{
    private readonly double[] _values = new double[MetricCatalog.Count];

    internal MigInstance(GpuIdentity gpu, int id, string profile)
    {
        Gpu = gpu;
        Id = id;
        Profile = profile;
    }

    /// <summary>The physical GPU.</summary>
    public GpuIdentity Gpu { get; }

    /// <summary>NVML's id of the GPU instance (<c>GPU_I_ID</c>), from 0.</summary>
    public int Id { get; }

    /// <summary>Profile (<c>1g.10gb</c>); empty when unknown.</summary>
    public string Profile { get; }

    /// <summary>All value slots, by <see cref="Metric"/>; NaN means missing.</summary>
    public ReadOnlySpan<double> Values => _values;

    /// <summary>The value of a metric; NaN means missing.</summary>
    public double this[Metric metric] => _values[(int)metric];

    /// <summary>Number of the page that it was last filled from.</summary>
    internal long Page { get; private set; }

    internal void Begin(long page)
    {
        Page = page;
        Array.Fill(_values, double.NaN);
    }

    // The first row counts: the others are the same instance under another pod.
    internal bool Take(int slot, double value)
    {
        if (!double.IsNaN(_values[slot]))
        {
            return false;
        }

        _values[slot] = value;
        return true;
    }
}
