using Akka.Actor;
using GpuActors.Core.Checkpoints;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;
using GpuActors.Engine.Protocol;
using static GpuActors.Engine.Protocol.CheckpointProtocol;

namespace GpuActors.Engine.Shards;

/// <summary>
/// One checkpoint of one shard. The offsets were taken first, then every GPU adds its state, then the alerts of these states are awaited,
/// then all of it is written in one transaction, and only then may the committed offset move: what a crash reads again is what the states
/// may lack, and no state knows of an alert that was not published. Tells its parent how it ended; a round that ends in any other way has
/// written nothing that counts.
/// </summary>
internal sealed class CheckpointRound : UntypedActor
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly CheckpointHead _head;
    private readonly CheckpointDraft _draft;
    private readonly IReadOnlyList<(IActorRef Actor, int Slot)> _gpus;
    private readonly HashSet<GpuId> _required;
    private readonly bool _hasRetired;
    private readonly ShardMemoryOptions _options;
    private readonly List<GpuId> _saved = [];
    private int _answers;
    private Task _writing = Task.CompletedTask;

    public CheckpointRound(
        CheckpointHead head,
        CheckpointDraft draft,
        IReadOnlyList<(IActorRef Actor, int Slot)> gpus,
        HashSet<GpuId> required,
        bool hasRetired,
        ShardMemoryOptions options
    )
    {
        _head = head;
        _draft = draft;
        _gpus = gpus;
        _required = required;
        _hasRetired = hasRetired;
        _options = options;
    }

    /// <param name="head">What the checkpoint says of itself.</param>
    /// <param name="draft">Where the GPUs add their states; disposed by the round.</param>
    /// <param name="gpus">Actors of the shard's GPUs on this node, with their slots.</param>
    /// <param name="required">GPUs whose states must be among those that are added, or nothing is written.</param>
    /// <param name="hasRetired">Whether the database has states of GPUs that are retired: it is written although no GPU has a
    /// state.</param> <param name="options">The store and the outbox.</param>
    public static Props Props(
        CheckpointHead head,
        CheckpointDraft draft,
        IReadOnlyList<(IActorRef Actor, int Slot)> gpus,
        HashSet<GpuId> required,
        bool hasRetired,
        ShardMemoryOptions options
    ) => Akka.Actor.Props.Create(() => new CheckpointRound(head, draft, gpus, required, hasRetired, options));

    protected override void PreStart()
    {
        SetReceiveTimeout(Patience);
        foreach (var (actor, slot) in _gpus)
        {
            actor.Tell(new SaveState(_draft, slot), Self);
        }

        GoOnWhenAllHaveAnswered();
    }

    // The store may still read the buffers.
    protected override void PostStop() =>
        _ = _writing.ContinueWith(_ => _draft.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case StateSaved saved:
                _answers++;
                if (saved.Any)
                {
                    _saved.Add(saved.Gpu);
                }

                GoOnWhenAllHaveAnswered();
                break;
            case OutboxProtocol.AllDelivered:
                Write();
                break;
            case Done done:
                End(done.Error is null ? Outcome.Written : Outcome.Failed, done.Error);
                break;
            case ReceiveTimeout when _writing.IsCompleted:
                End(Outcome.Failed, new TimeoutException($"{_gpus.Count - _answers} GPUs, or their alerts, were waited for {Patience}"));
                break;
        }
    }

    // A GPU hands its alerts over before it answers, so they are in the outbox by now.
    private void GoOnWhenAllHaveAnswered()
    {
        if (_answers == _gpus.Count)
        {
            _options.Outbox.Tell(new OutboxProtocol.AwaitDelivery(_head.Shard));
        }
    }

    private void Write()
    {
        if (_saved.Count == 0 && _required.Count == 0 && !_hasRetired)
        {
            End(Outcome.Unchanged, null);
            return;
        }

        if (!_required.IsSubsetOf(_saved))
        {
            End(Outcome.Failed, new InvalidOperationException($"{_required.Except(_saved).Count()} GPUs of the shard have no actor here"));
            return;
        }

        _writing = _options.Store.WriteAsync(_head, _draft.Pieces, _draft.MinutesFrom, _draft.HoursFrom, CancellationToken.None);
        _writing.PipeTo(Self, Self, () => new Done(null), error => new Done(error));
    }

    private void End(Outcome outcome, Exception? error)
    {
        Context.Parent.Tell(new Ended(_head, outcome, _saved, error));
        Context.Stop(Self);
    }

    /// <summary>How a round ended.</summary>
    public enum Outcome
    {
        /// <summary>It is in the database.</summary>
        Written,

        /// <summary>No GPU has started: the database has all there is.</summary>
        Unchanged,

        /// <summary>Nothing is known to be written.</summary>
        Failed,
    }

    /// <summary>To the parent: the round has ended.</summary>
    /// <param name="Head">What was written, or was to be.</param>
    /// <param name="Outcome">How it ended.</param>
    /// <param name="Saved">GPUs whose states it has.</param>
    /// <param name="Error">Why it failed; null when it did not.</param>
    public sealed record Ended(CheckpointHead Head, Outcome Outcome, IReadOnlyCollection<GpuId> Saved, Exception? Error)
        : INoSerializationVerificationNeeded;

    private sealed record Done(Exception? Error) : INoSerializationVerificationNeeded;
}
