using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <summary>
/// The values that an exporter's page has for one GPU instance (MIG): the profiling ratios and the framebuffer, which DCGM reads per
/// instance. They are never the GPU's own values. The parser owns the object and fills it again with the next page. Not thread-safe.
/// </summary>
public sealed class MigInstance
{
    private readonly double[] _values = new double[MetricCatalog.Count];

    /// <summary>An instance without values.</summary>
    /// <param name="gpu">The physical GPU.</param>
    /// <param name="id">NVML's id of the GPU instance, from 0.</param>
    /// <param name="profile">Profile, such as <c>1g.10gb</c>; empty when unknown.</param>
    public MigInstance(GpuIdentity gpu, int id, string profile)
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

    /// <summary>Number of the page that last filled this instance.</summary>
    public long Page { get; private set; }

    /// <summary>Clears all values before a page is read.</summary>
    /// <param name="page">Number of the page.</param>
    public void Begin(long page)
    {
        Page = page;
        Array.Fill(_values, double.NaN);
    }

    /// <summary>Stores a value. Only the first row of a metric counts: further rows repeat the instance under another pod.</summary>
    /// <param name="slot">Slot of the metric.</param>
    /// <param name="value">The value; NaN means missing.</param>
    /// <returns>False when the slot already has a value.</returns>
    public bool Take(int slot, double value)
    {
        if (!double.IsNaN(_values[slot]))
        {
            return false;
        }

        _values[slot] = value;
        return true;
    }
}
