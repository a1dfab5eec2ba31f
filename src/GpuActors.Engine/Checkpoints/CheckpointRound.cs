using Akka.Actor;
using GpuActors.Core.Samples;
using GpuActors.Engine.Gpus;
using static GpuActors.Engine.Checkpoints.CheckpointProtocol;

namespace GpuActors.Engine.Checkpoints;

/// <summary>
/// One checkpoint of one shard. The offset was taken first, then every GPU hands its state over, then all of it is written, and only then may
/// the committed offset move: what a crash reads again is what the states may lack. A round that does not come to its end commits nothing.
/// </summary>
internal sealed class CheckpointRound : UntypedActor
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Flush _flush;
    private readonly IReadOnlyList<(GpuId Gpu, IActorRef Actor)> _gpus;
    private readonly IActorRef _checkpoints;
    private readonly Action<bool> _ended;
    private int _saved;

    public CheckpointRound(Flush flush, IReadOnlyList<(GpuId Gpu, IActorRef Actor)> gpus, IActorRef checkpoints, Action<bool> ended)
    {
        _flush = flush;
        _gpus = gpus;
        _checkpoints = checkpoints;
        _ended = ended;
    }

    /// <param name="flush">Shard, and an offset that all of its samples before have been applied to.</param>
    /// <param name="gpus">The shard's GPUs on this node.</param>
    /// <param name="checkpoints">The node's keeper.</param>
    /// <param name="ended">Told whether all of it was written, from the actor's thread.</param>
    public static Props Props(Flush flush, IReadOnlyList<(GpuId Gpu, IActorRef Actor)> gpus, IActorRef checkpoints, Action<bool> ended) =>
        Akka.Actor.Props.Create(() => new CheckpointRound(flush, gpus, checkpoints, ended));

    protected override void PreStart()
    {
        SetReceiveTimeout(Patience);
        foreach (var (gpu, actor) in _gpus)
        {
            actor.Tell(new GpuActorProtocol.SaveState(gpu), Self);
        }

        WriteWhenAllAreSaved();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case StateSaved:
                _saved++;
                WriteWhenAllAreSaved();
                break;
            case Flushed flushed:
                End(flushed.Written);
                break;
            case ReceiveTimeout:
                End(false);
                break;
        }
    }

    private void WriteWhenAllAreSaved()
    {
        if (_saved == _gpus.Count)
        {
            _checkpoints.Tell(_flush);
        }
    }

    private void End(bool written)
    {
        _ended(written);
        Context.Stop(Self);
    }
}
