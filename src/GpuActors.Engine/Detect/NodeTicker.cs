using Akka.Actor;
using GpuActors.Core.Gpus;
using GpuActors.Engine.Protocol;

namespace GpuActors.Engine.Detect;

/// <summary>
/// The timers of the node: checks for absent GPUs and writes checkpoints. The checkpoints of the shards are spread over the interval: all
/// at once, those of 10,000 GPUs would delay alerts by a third of a second.
/// </summary>
internal sealed class NodeTicker : UntypedActor, IWithTimers
{
    private static readonly TimeSpan RetireInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(1);

    private readonly DetectSettings _settings;
    private readonly LogClock _clock;
    private readonly AbsenceWatch _absence;
    private readonly DetectPartitions _detect;
    private readonly int _partitions;
    private readonly bool[] _asking;
    private int _nextPartition;

    public NodeTicker(DetectSettings settings, LogClock clock, AbsenceWatch absence, DetectPartitions detect, int partitions)
    {
        _settings = settings;
        _clock = clock;
        _absence = absence;
        _detect = detect;
        _partitions = partitions;
        _asking = new bool[partitions];
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(DetectSettings settings, LogClock clock, AbsenceWatch absence, DetectPartitions detect, int partitions) =>
        Akka.Actor.Props.Create(() => new NodeTicker(settings, clock, absence, detect, partitions));

    protected override void PreStart()
    {
        if (_settings.AbsenceCheckInterval > TimeSpan.Zero)
        {
            Timers.StartPeriodicTimer("absence", Tick.Absence, _settings.AbsenceCheckInterval);
        }

        if (_settings.RetireAfter > TimeSpan.Zero)
        {
            Timers.StartPeriodicTimer("retire", Tick.Retire, RetireInterval);
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
            case Tick.Absence:
                AskForEnds();
                break;
            case LogEnd end:
                _asking[end.Partition] = false;
                CheckAbsence(end);
                break;
            case Tick.Retire:
                foreach (var route in _absence.SilentFor(_settings.RetireAfter))
                {
                    route.Actor.Tell(new GpuActorProtocol.Retire(RetireScope.Gpu, route.Gpu.Value));
                }

                break;
            case Tick.Checkpoint:
                _ = _detect.CheckpointAsync(_nextPartition);
                _nextPartition = (_nextPartition + 1) % _partitions;
                break;
        }
    }

    private void AskForEnds()
    {
        foreach (var partition in _absence.Partitions())
        {
            // Rare: only while a GPU of the partition is absent and may turn out to be lost.
            if (!_asking[partition] && _detect.Samples.Of(partition) is { } progress)
            {
                var now = _clock.NowMs ?? 0;
                _asking[partition] = true;
                progress
                    .Partition.QueryEndOffsetAsync(EndTimeout)
                    .PipeTo(Self, Self, end => new LogEnd(partition, end, now), _ => new LogEnd(partition, null, now));
            }
        }
    }

    private void CheckAbsence(LogEnd end)
    {
        // If the partition has left meanwhile, its next owner checks its GPUs.
        if (_detect.Samples.Of(end.Partition) is { } progress)
        {
            var appliedUpTo = progress.AppliedUpTo ?? progress.RestoredUpTo;
            foreach (var (route, time) in _absence.Check(end.Partition, appliedUpTo, progress.AppliedMs, end.Offset, end.AskedAtMs))
            {
                route.Actor.Tell(new GpuActorProtocol.CheckAbsence(route.Gpu, time));
            }
        }
    }

    private sealed record LogEnd(int Partition, long? Offset, long AskedAtMs) : INoSerializationVerificationNeeded;

    private enum Tick
    {
        Absence,
        Retire,
        Checkpoint,
    }
}
