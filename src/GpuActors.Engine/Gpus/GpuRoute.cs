using Akka.Actor;
using GpuActors.Core.Gpus;
using GpuActors.Core.Logs;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;

namespace GpuActors.Engine.Gpus;

/// <summary>
/// One GPU's actor on this node, and when it was heard. Only the feeder writes the append time, and only the actor what follows from its
/// samples; the check for absent GPUs may read a value that is slightly old.
/// </summary>
internal sealed class GpuRoute(GpuId gpu, IActorRef actor)
{
    // The leader of the partition is asked whether records are unread, and that takes time: so a check begins before the GPU is absent.
    private const double AskAheadMs = 1_000;

    // The cause of an absence is asked for again as long as the GPU may turn out to be lost: soon at first, and then less often, since all
    // GPUs of a datacenter may be absent for hours.
    private const long FirstAskAgainMs = 500,
        LastAskAgainMs = 10_000;

    private int _shard = -1;
    private long _askAgainMs = FirstAskAgainMs;

    public GpuId Gpu => gpu;

    public IActorRef Actor => actor;

    /// <summary>Whether it is a GPU, and not an NVSwitch or exporter.</summary>
    public bool IsGpu { get; } = KernelLogEvent.IsGpu(gpu);

    /// <summary>Append time of the newest record, Unix milliseconds.</summary>
    public long AppendTimeMs { get; set; }

    /// <summary>How often the GPU is usually heard, in milliseconds; NaN when unknown.</summary>
    public double IntervalMs { get; private set; } = double.NaN;

    /// <summary>After which time without records the actor is to be asked about its absence, in milliseconds.</summary>
    public double AskAfterMs { get; private set; } = double.PositiveInfinity;

    /// <summary>The shard of the GPU.</summary>
    public int ShardOf(int shards) => _shard >= 0 ? _shard : _shard = Murmur2.Partition(gpu, shards);

    /// <summary>Whether the actor is to be asked about its absence at a log time.</summary>
    public bool MustAsk(long nowMs) => nowMs - AppendTimeMs >= AskAfterMs;

    /// <summary>The GPU has been heard.</summary>
    public void Heard(GpuState state, RuleSettings rules)
    {
        var limitMs = state.AbsenceLimitMs(rules);
        (IntervalMs, AskAfterMs, _askAgainMs) = (state.IntervalMs, Math.Max(limitMs - AskAheadMs, limitMs / 2), FirstAskAgainMs);
    }

    /// <summary>The GPU was absent, of a cause, at a log time.</summary>
    public void Absent(GpuState state, RuleSettings rules, Rule cause, long nowMs)
    {
        var silentMs = nowMs - state.LastHeardMs;
        var limitMs = state.AbsenceLimitMs(rules);
        var openMs = limitMs + rules.Of(cause).Hold.TotalMilliseconds;
        AskAfterMs =
            double.IsInfinity(limitMs) ? limitMs
            : silentMs < openMs ? Math.Min(silentMs + _askAgainMs, openMs)
            : silentMs + _askAgainMs;
        _askAgainMs = Math.Min(2 * _askAgainMs, LastAskAgainMs);
    }
}
