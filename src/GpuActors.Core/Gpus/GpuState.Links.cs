using GpuActors.Core.Alerts;
using GpuActors.Core.Hosts;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;

namespace GpuActors.Core.Gpus;

// NVLink and PCIe. Links train, and count errors, while a node boots: their rules have a boot grace.
public sealed partial class GpuState
{
    /// <summary>Takes what the host says of the GPU's NVLink traffic.</summary>
    public void Apply(PeerVerdict verdict, RuleSettings rules, List<AlertTransition> transitions)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(transitions);
        var now = new Judgement(_timeMs, _appendMs, rules, transitions);
        if (Turn(now, RuleCatalog.NvlinkBandwidth, verdict.IsLow) is { } state)
        {
            Add(
                now,
                RuleCatalog.NvlinkBandwidth,
                state,
                verdict.BytesPerSecond,
                rules.Of(RuleCatalog.NvlinkBandwidth).MinShareOfPeers * verdict.PeersBytesPerSecond,
                FormattableString.Invariant(
                    $"{verdict.BytesPerSecond / 1e9:0.0} GB/s over NVLink, its neighbours {verdict.PeersBytesPerSecond / 1e9:0.0} GB/s, on {Where()}"
                )
            );
        }
    }

    private void JudgeLinks(in Judgement now, long elapsedMs)
    {
        JudgeIncrease(
            now,
            RuleCatalog.NvlinkErrors,
            now.Rules.Of(RuleCatalog.NvlinkErrors),
            elapsedMs,
            _increases[Metric.NvlinkReplayErrors],
            _increases[Metric.NvlinkRecoveryErrors],
            double.NaN
        );
        JudgeIncrease(
            now,
            RuleCatalog.NvlinkCrc,
            now.Rules.Of(RuleCatalog.NvlinkCrc),
            elapsedMs,
            _increases[Metric.NvlinkCrcFlitErrors],
            _increases[Metric.NvlinkCrcDataErrors],
            double.NaN
        );
        JudgeIncrease(
            now,
            RuleCatalog.NvlinkCrcStorm,
            now.Rules.Of(RuleCatalog.NvlinkCrcStorm),
            elapsedMs,
            _increases[Metric.NvlinkCrcFlitErrors],
            _increases[Metric.NvlinkCrcDataErrors],
            double.NaN
        );
        JudgeIncrease(
            now,
            RuleCatalog.Nvlink5Errors,
            now.Rules.Of(RuleCatalog.Nvlink5Errors),
            elapsedMs,
            _increases[Metric.NvlinkRxErrors],
            _increases[Metric.NvlinkIntegrityErrors],
            _increases[Metric.NvlinkRecoveryFailures]
        );
        JudgePcieReplays(now);
        JudgePcieLink(now);
    }

    // A reload sets the counters back: what they show afterwards is training, not an increase.
    private void JudgeIncrease(in Judgement now, Rule kind, CounterRateRuleSettings rule, long elapsedMs, double a, double b, double c)
    {
        if (double.IsNaN(a) && double.IsNaN(b) && double.IsNaN(c))
        {
            return;
        }

        var errors = Known(a) + Known(b) + Known(c);
        var perSecond = elapsedMs > 0 ? errors * 1000 / elapsedMs : 0;
        if (Turn(now, kind, perSecond > rule.MaxPerSecond && !_increases.DriverReloaded) is { } state)
        {
            Add(
                now,
                kind,
                state,
                rule.MaxPerSecond > 0 ? perSecond : errors,
                rule.MaxPerSecond,
                FormattableString.Invariant($"{kind.Title}: {errors:0} within {elapsedMs / 1000.0:0.#} s on {Where()}")
            );
        }
    }

    private void JudgePcieReplays(in Judgement now)
    {
        if (
            double.IsNaN(Value(Metric.PcieReplayCounter))
            || (!(_increases[Metric.PcieReplayCounter] > 0) && _conditions[RuleCatalog.PcieReplay.Index].IsQuiet)
        )
        {
            return;
        }

        // Without knowledge of the link, the slowest that such hosts have today: Gen4 x16.
        const int Generation = 4,
            Lanes = 16;
        var limits = Limits(now.Rules.Models);
        var generation = (int)Known(Metric.PcieLinkGen, limits.PcieGeneration > 0 ? limits.PcieGeneration : Generation);
        var lanes = (int)Known(Metric.PcieLinkWidth, limits.PcieLanes > 0 ? limits.PcieLanes : Lanes);
        var allowed = now.Rules.Of(RuleCatalog.PcieReplay).MaxPerMinute(generation, lanes);
        var replays = _windows.LastMinutes(Metric.PcieReplayCounter, 1, now.TimeMs).Sum;
        if (Turn(now, RuleCatalog.PcieReplay, replays > allowed) is { } state)
        {
            Add(
                now,
                RuleCatalog.PcieReplay,
                state,
                replays,
                allowed,
                FormattableString.Invariant(
                    $"{replays:0} PCIe replays within a minute (Gen{generation} x{lanes} may have {allowed:0}) on {Where()}"
                )
            );
        }
    }

    private void JudgePcieLink(in Judgement now)
    {
        double generation = Value(Metric.PcieLinkGen),
            lanes = Value(Metric.PcieLinkWidth);
        if (
            !(Value(Metric.GpuUtilization) >= now.Rules.Of(RuleCatalog.PcieLink).MinUtilizationPercent)
            || (double.IsNaN(generation) && double.IsNaN(lanes))
        )
        {
            return; // An idle GPU lowers its link.
        }

        var limits = Limits(now.Rules.Models);
        double bestGeneration = Known(Metric.PcieMaxLinkGen, limits.PcieGeneration),
            bestLanes = Known(Metric.PcieMaxLinkWidth, limits.PcieLanes);
        if (Turn(now, RuleCatalog.PcieLink, generation < bestGeneration || lanes < bestLanes) is { } state)
        {
            Add(
                now,
                RuleCatalog.PcieLink,
                state,
                generation,
                bestGeneration,
                FormattableString.Invariant(
                    $"PCIe link at Gen{generation:0} x{lanes:0} of Gen{bestGeneration:0} x{bestLanes:0} under load on {Where()}"
                )
            );
        }
    }

    private static double Known(double value) => double.IsNaN(value) ? 0 : value;
}
