using GpuActors.Core.Alerts;
using GpuActors.Core.Samples;
using GpuActors.Core.Xids;

namespace GpuActors.Core.Gpus;

/// <summary>What an operator sees of a GPU.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Info">Host, index, model, driver.</param>
/// <param name="Health">In one word.</param>
/// <param name="TimeMs">Time of the last sample, Unix milliseconds; 0 before the first.</param>
/// <param name="Samples">Samples applied.</param>
/// <param name="Metrics">Values of the last sample by canonical name; missing ones are not in it.</param>
/// <param name="OpenAlerts">Open alerts.</param>
public sealed record GpuStatus(
    GpuId Gpu,
    GpuInfo Info,
    GpuHealth Health,
    long TimeMs,
    long Samples,
    IReadOnlyDictionary<string, double> Metrics,
    IReadOnlyList<OpenAlert> OpenAlerts
)
{
    /// <summary>XIDs seen so far, by code.</summary>
    public IReadOnlyList<XidRecord> Xids { get; init; } = [];
}
