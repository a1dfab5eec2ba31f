using Akka.Actor;
using GpuActors.Core.Rules;
using GpuActors.Engine.Checkpoints;
using GpuActors.Engine.Gpus;

namespace GpuActors.Engine.Detect;

/// <summary>
/// The node's timers: looks for GPUs that have not been heard of, and has states written to the checkpoint. One shard after the other, spread
/// over the interval: all at once, 10,000 GPUs would hold alerts up for a third of a second.
/// </summary>
internal sealed class NodeTicker : UntypedActor, IWithTimers
{
    private readonly DetectSettings _settings;
    private readonly GpuRoutes _routes;
    private readonly LogClock _clock;
    private readonly RuleBook _rules;
    private readonly IActorRef? _checkpoints;
    private readonly int _partitions;
    private readonly PartitionProgress _progress;
    private readonly PartitionProgress _logProgress;
    private int _nextPartition;

    public NodeTicker(DetectSettings settings, GpuRoutes routes, LogClock clock, RuleBook rules, IActorRef? checkpoints, int partitions, PartitionProgress progress, PartitionProgress logProgress)
    {
        _progress = progress;
        _logProgress = logProgress;
        _partitions = partitions;
        _settings = settings;
        _routes = routes;
        _clock = clock;
        _rules = rules;
        _checkpoints = checkpoints;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(DetectSettings settings, GpuRoutes routes, LogClock clock, RuleBook rules, IActorRef? checkpoints, int partitions, PartitionProgress progress, PartitionProgress logProgress) =>
        Akka.Actor.Props.Create(() => new NodeTicker(settings, routes, clock, rules, checkpoints, partitions, progress, logProgress));

    protected override void PreStart()
    {
        if (_settings.SilenceCheckInterval > TimeSpan.Zero)
        {
            Timers.StartPeriodicTimer("silence", Tick.Silence, _settings.SilenceCheckInterval);
        }

        if (_checkpoints is not null)
        {
            Timers.StartPeriodicTimer("checkpoint", Tick.Checkpoint, _settings.CheckpointInterval / _partitions);
        }
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Tick.Silence when _clock.NowMs is { } now:
                foreach (var (gpu, actor) in _routes.NotHeardSince(now - (long)_rules.Current.Silence.MinSilence.TotalMilliseconds))
                {
                    actor.Tell(new GpuActorProtocol.CheckSilence(gpu, now));
                }

                break;
            case Tick.Checkpoint:
                SaveNextShard();
                break;
        }
    }

    private void SaveNextShard()
    {
        var partition = _nextPartition;
        _nextPartition = (_nextPartition + 1) % _partitions;
        if (_progress.AppliedUpTo(partition) is not { } offset)
        {
            return;
        }

        // The offsets were read before the states are: they have reached them at least.
        var logOffset = _logProgress.AppliedUpTo(partition);
        _ = Context.ActorOf(CheckpointRound.Props(new CheckpointProtocol.Flush(partition, offset), _routes.OfShard(partition, _partitions), _checkpoints!, written =>
        {
            if (written)
            {
                _progress.CommitUpTo(partition, offset);
                if (logOffset is { } logged)
                {
                    _logProgress.CommitUpTo(partition, logged);
                }
            }
        }));
    }

    private enum Tick
    {
        Silence,
        Checkpoint,
    }
}
