using Akka.Actor;
using GpuActors.Core.Samples;
using GpuActors.Engine.Protocol;
using static GpuActors.Engine.Protocol.CheckpointProtocol;

namespace GpuActors.Engine.Shards;

/// <summary>
/// One checkpoint of one shard. The offsets were taken first, then every GPU hands its state over, then the alerts of these states are
/// awaited, then all of it is written, and only then may the committed offset move: what a crash reads again is what the states may lack,
/// and no state knows of an alert that nobody has. A round that does not come to its end commits nothing.
/// </summary>
internal sealed class CheckpointRound : UntypedActor
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Flush _flush;
    private readonly IReadOnlyList<(GpuId Gpu, IActorRef Actor)> _gpus;
    private readonly IActorRef _checkpoints;
    private readonly IActorRef _outbox;
    private readonly TaskCompletionSource<bool> _ended;
    private int _saved;

    public CheckpointRound(
        Flush flush,
        IReadOnlyList<(GpuId Gpu, IActorRef Actor)> gpus,
        IActorRef checkpoints,
        IActorRef outbox,
        TaskCompletionSource<bool> ended
    )
    {
        _flush = flush;
        _gpus = gpus;
        _checkpoints = checkpoints;
        _outbox = outbox;
        _ended = ended;
    }

    /// <param name="flush">Shard, and offsets that all of its records before have been applied to.</param>
    /// <param name="gpus">The shard's GPUs on this node.</param>
    /// <param name="checkpoints">The node's keeper.</param>
    /// <param name="outbox">The node's outbox.</param>
    /// <param name="ended">Told whether all of it was written.</param>
    public static Props Props(
        Flush flush,
        IReadOnlyList<(GpuId Gpu, IActorRef Actor)> gpus,
        IActorRef checkpoints,
        IActorRef outbox,
        TaskCompletionSource<bool> ended
    ) => Akka.Actor.Props.Create(() => new CheckpointRound(flush, gpus, checkpoints, outbox, ended));

    protected override void PreStart()
    {
        SetReceiveTimeout(Patience);
        foreach (var (gpu, actor) in _gpus)
        {
            actor.Tell(new GpuActorProtocol.SaveState(gpu), Self);
        }

        GoOnWhenAllAreSaved();
    }

    protected override void PostStop() => _ended.TrySetResult(false);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case StateSaved:
                _saved++;
                GoOnWhenAllAreSaved();
                break;
            case OutboxProtocol.AllDelivered:
                _checkpoints.Tell(_flush);
                break;
            case Flushed flushed:
                _ended.TrySetResult(flushed.Written);
                Context.Stop(Self);
                break;
            case ReceiveTimeout:
                Context.Stop(Self);
                break;
        }
    }

    // A GPU hands its alerts over before it answers, so they are in the outbox by now.
    private void GoOnWhenAllAreSaved()
    {
        if (_saved == _gpus.Count)
        {
            _outbox.Tell(new OutboxProtocol.AwaitDelivery(_flush.Partition));
        }
    }
}
