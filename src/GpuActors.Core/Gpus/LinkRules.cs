using GpuActors.Core.Hosts;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;

namespace GpuActors.Core.Gpus;

/// <summary>
/// Rules on NVLink and PCIe. Links train, and count errors, while a node boots: the settings of these rules have a boot grace.
/// </summary>
internal sealed class LinkRules
{
    // The slowest link of the hosts that such GPUs are built into: it is assumed where neither driver nor product says.
    private const int AssumedGeneration = 4,
        AssumedLanes = 16;

    private const long MinuteMs = 60_000;

    // A minute of samples four times a second.
    private const int MostReplays = 240;

    private MinuteOfLinks _minute; // What the host compares with the other GPUs.
    private Queue<(long TimeMs, double Count)>? _replays; // PCIe replays of the last minute; null before the first.

    public void Evaluate(in Evaluation now)
    {
        EvaluateErrors(
            now,
            RuleCatalog.NvlinkErrors,
            now.Increase(Metric.NvlinkReplayErrors),
            now.Increase(Metric.NvlinkRecoveryErrors),
            double.NaN
        );
        double flits = now.Increase(Metric.NvlinkCrcFlitErrors),
            data = now.Increase(Metric.NvlinkCrcDataErrors);
        EvaluateErrors(now, RuleCatalog.NvlinkCrc, flits, data, double.NaN);
        EvaluateErrors(now, RuleCatalog.NvlinkCrcStorm, flits, data, double.NaN);
        EvaluateErrors(
            now,
            RuleCatalog.Nvlink5Errors,
            now.Increase(Metric.NvlinkRxErrors),
            now.Increase(Metric.NvlinkIntegrityErrors),
            now.Increase(Metric.NvlinkRecoveryFailures)
        );
        EvaluatePcieReplays(now);
        EvaluatePcieLink(now);
    }

    /// <summary>Evaluates what the host says of the GPU's NVLink traffic.</summary>
    public static void Evaluate(in Evaluation now, PeerVerdict verdict)
    {
        if (now.Update(RuleCatalog.NvlinkBandwidth, verdict.IsLow) is { } state)
        {
            double own = verdict.BytesPerSecond / 1e9,
                peers = verdict.PeersBytesPerSecond / 1e9;
            now.Add(
                RuleCatalog.NvlinkBandwidth,
                state,
                verdict.BytesPerSecond,
                now.Rules.Of(RuleCatalog.NvlinkBandwidth).MinShareOfPeers * verdict.PeersBytesPerSecond,
                $"{own:0.0} GB/s over NVLink, its neighbours {peers:0.0} GB/s, on {now.Where}"
            );
        }
    }

    /// <summary>Adds the newest sample to the traffic of its minute.</summary>
    public void Measure(GpuReadings gpu) => _minute.Add(gpu[Metric.NvlinkTxBytes] + gpu[Metric.NvlinkRxBytes], gpu[Metric.TensorActive]);

    /// <summary>The traffic of the minute that is over; the next one starts empty.</summary>
    public MinuteOfLinks EndMinute()
    {
        var minute = _minute;
        _minute = default;
        return minute;
    }

    public void Save(BinaryWriter writer)
    {
        _minute.Save(writer);
        writer.Write7BitEncodedInt(_replays?.Count ?? 0);
        foreach (var (timeMs, count) in _replays ?? [])
        {
            writer.Write(timeMs);
            writer.Write(count);
        }
    }

    public void Load(BinaryReader reader)
    {
        _minute = MinuteOfLinks.Load(reader);
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            (_replays ??= new()).Enqueue((reader.ReadInt64(), reader.ReadDouble()));
        }
    }

    // A driver reload sets the counters back, and what they show afterwards are errors of link training: no increase.
    private static void EvaluateErrors(in Evaluation now, Rule<CounterRateRuleSettings> rule, double a, double b, double c)
    {
        if (double.IsNaN(a) && double.IsNaN(b) && double.IsNaN(c))
        {
            return;
        }

        var elapsedMs = now.Gpu.ElapsedMs;
        var errors = OrZero(a) + OrZero(b) + OrZero(c);
        var perSecond = elapsedMs > 0 ? errors * 1000 / elapsedMs : 0;
        var maxPerSecond = now.Rules.Of(rule).MaxPerSecond;
        if (now.Update(rule, perSecond > maxPerSecond && !now.Gpu.Increases.DriverReloaded) is { } state)
        {
            var value = maxPerSecond > 0 ? perSecond : errors;
            now.Add(rule, state, value, maxPerSecond, $"{rule.Title}: {errors:0} within {elapsedMs / 1000.0:0.#} s on {now.Where}");
        }
    }

    private void EvaluatePcieReplays(in Evaluation now)
    {
        var increase = now.Increase(Metric.PcieReplayCounter);
        if (double.IsNaN(now.Value(Metric.PcieReplayCounter)) || (!(increase > 0) && now.IsQuiet(RuleCatalog.PcieReplay)))
        {
            return;
        }

        var replays = ReplaysOfMinute(now, increase);

        var limits = now.Gpu.Limits(now.Rules.Models);
        var bestGeneration = limits.PcieGeneration > 0 ? limits.PcieGeneration : AssumedGeneration;
        var mostLanes = limits.PcieLanes > 0 ? limits.PcieLanes : AssumedLanes;
        var generation = (int)now.Gpu.ValueOr(Metric.PcieLinkGen, bestGeneration);
        var lanes = (int)now.Gpu.ValueOr(Metric.PcieLinkWidth, mostLanes);
        var allowed = now.Rules.Of(RuleCatalog.PcieReplay).MaxPerMinute(generation, lanes);
        if (now.Update(RuleCatalog.PcieReplay, replays > allowed) is { } state)
        {
            now.Add(
                RuleCatalog.PcieReplay,
                state,
                replays,
                allowed,
                $"{replays:0} PCIe replays within a minute (Gen{generation} x{lanes} may have {allowed:0}) on {now.Where}"
            );
        }
    }

    // Of the last 60 seconds, wherever a minute begins. After a gap the last minute has its share of the increase.
    private double ReplaysOfMinute(in Evaluation now, double increase)
    {
        _replays ??= new();
        if (increase > 0)
        {
            _replays.Enqueue((now.TimeMs, increase * Math.Min(1, MinuteMs / (double)Math.Max(1, now.Gpu.ElapsedMs))));
        }

        while (_replays.Count > MostReplays || (_replays.TryPeek(out var oldest) && oldest.TimeMs <= now.TimeMs - MinuteMs))
        {
            _ = _replays.Dequeue();
        }

        var sum = 0.0;
        foreach (var (_, count) in _replays)
        {
            sum += count;
        }

        return sum;
    }

    private static void EvaluatePcieLink(in Evaluation now)
    {
        double generation = now.Value(Metric.PcieLinkGen),
            lanes = now.Value(Metric.PcieLinkWidth);
        var isLoaded = now.Value(Metric.GpuUtilization) >= now.Rules.Of(RuleCatalog.PcieLink).MinUtilizationPercent;
        if (!isLoaded || (double.IsNaN(generation) && double.IsNaN(lanes)))
        {
            return; // An idle GPU lowers its link to save power.
        }

        var limits = now.Gpu.Limits(now.Rules.Models);
        double bestGeneration = now.Gpu.ValueOr(Metric.PcieMaxLinkGen, limits.PcieGeneration),
            mostLanes = now.Gpu.ValueOr(Metric.PcieMaxLinkWidth, limits.PcieLanes);
        if (now.Update(RuleCatalog.PcieLink, generation < bestGeneration || lanes < mostLanes) is { } state)
        {
            now.Add(
                RuleCatalog.PcieLink,
                state,
                generation,
                bestGeneration,
                $"PCIe link at Gen{generation:0} x{lanes:0} of Gen{bestGeneration:0} x{mostLanes:0} under load on {now.Where}"
            );
        }
    }

    private static double OrZero(double value) => double.IsNaN(value) ? 0 : value;
}
