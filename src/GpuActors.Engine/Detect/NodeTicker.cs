using Akka.Actor;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Engine.Gpus;
using GpuActors.Engine.Protocol;

namespace GpuActors.Engine.Detect;

/// <summary>
/// The timers of the node: checks for absent GPUs and writes checkpoints. The checkpoints of the shards are spread over the interval: all
/// at once, those of 10,000 GPUs would delay alerts by a third of a second.
/// </summary>
internal sealed class NodeTicker : UntypedActor, IWithTimers
{
    // GPUs that have sent nothing for this long are out of service: they do not count as neighbours of an absent one.
    private const long OutOfServiceMs = 600_000;

    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(1);

    private readonly DetectSettings _settings;
    private readonly GpuRoutes _routes;
    private readonly LogClock _clock;
    private readonly RuleBook _rules;
    private readonly DetectPartitions _detect;
    private readonly int _partitions;
    private readonly PartitionLiveness[] _liveness;
    private readonly bool[] _asking;
    private int _nextPartition;

    public NodeTicker(DetectSettings settings, GpuRoutes routes, LogClock clock, RuleBook rules, DetectPartitions detect, int partitions)
    {
        _settings = settings;
        _routes = routes;
        _clock = clock;
        _rules = rules;
        _detect = detect;
        _partitions = partitions;
        _liveness = [.. Enumerable.Range(0, partitions).Select(_ => new PartitionLiveness())];
        _asking = new bool[partitions];
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(
        DetectSettings settings,
        GpuRoutes routes,
        LogClock clock,
        RuleBook rules,
        DetectPartitions detect,
        int partitions
    ) => Akka.Actor.Props.Create(() => new NodeTicker(settings, routes, clock, rules, detect, partitions));

    private long MinAbsenceMs => (long)_rules.Current.Absence.MinAbsence.TotalMilliseconds;

    protected override void PreStart()
    {
        if (_settings.AbsenceCheckInterval > TimeSpan.Zero)
        {
            Timers.StartPeriodicTimer("absence", Tick.Absence, _settings.AbsenceCheckInterval);
        }

        if (_settings.Checkpoints)
        {
            Timers.StartPeriodicTimer("checkpoint", Tick.Checkpoint, _settings.CheckpointInterval / _partitions);
        }
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Tick.Absence when _clock.NowMs is { } now:
                foreach (var partition in Absent(now).Select(route => Murmur2.Partition(route.Gpu, _partitions)).Distinct())
                {
                    AskForEnd(partition, now);
                }

                break;
            case LogEnd end:
                _asking[end.Partition] = false;
                CheckAbsence(end);
                break;
            case Tick.Checkpoint:
                _ = _detect.CheckpointAsync(_nextPartition);
                _nextPartition = (_nextPartition + 1) % _partitions;
                break;
        }
    }

    private IEnumerable<(GpuId Gpu, IActorRef Actor)> Absent(long nowMs) => _routes.NotHeardSince(nowMs - MinAbsenceMs);

    // Rare: only while a GPU of the partition is absent.
    private void AskForEnd(int partition, long nowMs)
    {
        if (!_asking[partition] && _detect.Samples.Of(partition) is { } progress)
        {
            _asking[partition] = true;
            progress
                .Partition.QueryEndOffsetAsync(EndTimeout)
                .PipeTo(Self, Self, end => new LogEnd(partition, end, nowMs), _ => new LogEnd(partition, null, nowMs));
        }
    }

    private void CheckAbsence(LogEnd end)
    {
        // If the partition has left meanwhile, its next owner checks its GPUs.
        if (
            _detect.Samples.Of(end.Partition) is not { } progress
            || _liveness[end.Partition].AbsenceTime(Seen(end.Partition, progress, end.AskedAtMs), end.Offset) is not { } time
        )
        {
            return;
        }

        foreach (var (gpu, actor) in Absent(time).Where(route => Murmur2.Partition(route.Gpu, _partitions) == end.Partition))
        {
            actor.Tell(new GpuActorProtocol.CheckAbsence(gpu, time));
        }
    }

    private PartitionLiveness.Seen Seen(int partition, PartitionProgress progress, long nowMs)
    {
        var known = _routes.OfShard(partition, _partitions).Count;
        var outOfService = _routes
            .NotHeardSince(nowMs - OutOfServiceMs)
            .Count(route => Murmur2.Partition(route.Gpu, _partitions) == partition);
        return new(
            progress.AppliedUpTo ?? 0,
            progress.AppliedMs,
            _clock.ResumedMs(partition),
            _clock.NewestOfAllMs,
            nowMs,
            MinAbsenceMs,
            known - outOfService
        );
    }

    private sealed record LogEnd(int Partition, long? Offset, long AskedAtMs) : INoSerializationVerificationNeeded;

    private enum Tick
    {
        Absence,
        Checkpoint,
    }
}
