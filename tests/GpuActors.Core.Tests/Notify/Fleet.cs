using GpuActors.Core.Alerts;
using GpuActors.Core.Samples;
using GpuActors.Core.Topology;

namespace GpuActors.Core.Tests.Notify;

/// <summary>Alerts of a fleet in which a host's place follows from its number: four hosts a rack, two racks a power domain.</summary>
internal static class Fleet
{
    public static AlertTransition Alert(
        int host,
        int gpu,
        long second,
        string rule = "power_brake",
        AlertSeverity severity = AlertSeverity.Critical,
        int seq = 1,
        string xid = ""
    )
    {
        return new AlertTransition
        {
            AlertId = AlertId.Parse($"{rule}{xid}-{host}-{gpu}"),
            Seq = seq,
            State = AlertState.Firing,
            Severity = severity,
            Rule = rule,
            Gpu = GpuId.Parse($"GPU-{host}-{gpu}"),
            Summary = "",
            Value = double.NaN,
            Threshold = double.NaN,
            OpenedAtMs = second * 1000,
            SourceTimeMs = second * 1000,
            IngestedAtMs = second * 1000,
            Action = "",
            Runbook = "",
            Labels = AlertLabels
                .Of(GpuInfo.Unknown with { Host = $"n{host}" })
                .With(AlertLabelNames.Xid, xid)
                .At(Place.Unknown with { Rack = $"r{host / 4}", PowerDomain = $"p{host / 8}" }),
        };
    }

    public static AlertTransition Resolved(AlertTransition alert, long second) =>
        alert with
        {
            Seq = alert.Seq + 1,
            State = AlertState.Resolved,
            IngestedAtMs = second * 1000,
        };
}
