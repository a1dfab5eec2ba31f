using GpuActors.Core.Alerts;
using GpuActors.Core.Samples;

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
    IReadOnlyList<OpenAlert> OpenAlerts);

/// <summary>One open alert of a GPU.</summary>
/// <param name="AlertId">Its id.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Severity">Urgency.</param>
/// <param name="OpenedAtMs">When it opened, Unix milliseconds of sample time.</param>
public sealed record OpenAlert(string AlertId, string Rule, AlertSeverity Severity, long OpenedAtMs);
