using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Event;
using GpuActors.Core.Alerts;
using GpuActors.Core.Checkpoints;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;
using GpuActors.Engine.Protocol;
using static GpuActors.Engine.Protocol.CheckpointProtocol;

namespace GpuActors.Engine.Shards;

/// <summary>
/// What this node must know of a shard before the first of its GPUs starts: the kept states, so that a GPU starts with a look-up in memory
/// and not with a query, and which transitions were published since, so that a replay publishes none twice. It writes the shard's
/// checkpoints, one round at a time. A database that is away delays no alert for long: when it gives nothing for a while, GPUs start with
/// empty windows and the open alerts that the topics hold, and get the rest when the database is back. States that can't be written are
/// written in the next round. The alert topic is waited for: without it no alert could be published either.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "An actor frees what it has when it stops")]
internal sealed class ShardMemory : UntypedActor, IWithTimers, IWithUnboundedStash
{
    private const string DatabaseTimer = "database";
    private static readonly TimeSpan HistoryPause = TimeSpan.FromSeconds(1);

    private readonly int _partition;
    private readonly ShardMemoryOptions _options;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ShardStates _states = new();
    private readonly HashSet<GpuId> _retired = [];
    private int _retiredWritten; // How many of them the database does not have any more, and how many it will not after this round.
    private int _retiredInRound;
    private static readonly ILookup<GpuId, AlertTransition> None = Array.Empty<AlertTransition>().ToLookup(transition => transition.Gpu);
    private ILookup<GpuId, AlertTransition> _published = None;
    private ILookup<GpuId, AlertTransition> _open = None;
    private IActorRef? _round;
    private IActorRef _flusher = ActorRefs.Nobody;
    private bool _reading;
    private bool _isRead;
    private long _piecesRead;
    private long _piecesSeen;
    private long _number;
    private bool _isForeign; // The newest checkpoint is of another node, or of a round here whose end is not known.
    private long _offset;
    private long? _logOffset;
    private long? _alertOffset;
    private long _epoch;

    public ShardMemory(int partition, ShardMemoryOptions options)
    {
        _partition = partition;
        _options = options;
    }

    public IStash Stash { get; set; } = null!;

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(int partition, ShardMemoryOptions options) =>
        Akka.Actor.Props.Create(() => new ShardMemory(partition, options));

    protected override void PreStart()
    {
        _epoch = _options.Time.GetUtcNow().ToUnixTimeMilliseconds();
        Read();
        Timers.StartSingleTimer(DatabaseTimer, Tick.WaitNoLonger, _options.DatabaseTimeout);
        Become(Recovering);
    }

    protected override void PostStop()
    {
        _flusher.Tell(new Flushed(false));
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private void Recovering(object message)
    {
        switch (message)
        {
            case ReadDone read:
                Remember(read);
                _alertOffset = read.Head?.AlertOffset;
                ReadHistory();
                break;
            case ReadFailed failed:
                _reading = false;
                StartWithout(failed.Error.Message);
                break;
            case Tick.WaitNoLonger when Interlocked.Read(ref _piecesRead) is var pieces && pieces > _piecesSeen:
                // A large shard takes its time; the database is there.
                _piecesSeen = pieces;
                Timers.StartSingleTimer(DatabaseTimer, Tick.WaitNoLonger, _options.DatabaseTimeout);
                break;
            case Tick.WaitNoLonger:
                StartWithout($"the database gave nothing for {_options.DatabaseTimeout}");
                break;
            default:
                Stash.Stash();
                break;
        }
    }

    private void ReadingHistory(object message)
    {
        switch (message)
        {
            case AlertHistory history:
                _options.Ends.Seen(_partition, history.NextOffset);
                _published = history.Transitions.ToLookup(transition => transition.Gpu);
                _open = history.Open.ToLookup(transition => transition.Gpu);
                _options.Outbox.Tell(new OutboxProtocol.ShardCame(_partition, history.Transitions));
                Become(OnReceive);
                Stash.UnstashAll();
                break;
            case Status.Failure failure:
                _log.Warning(
                    "The published alerts of shard {0} can't be read, so that it can't start: {1}. Trying again in {2}",
                    _partition,
                    failure.Cause.Message,
                    HistoryPause
                );
                Timers.StartSingleTimer("history", Tick.ReadHistory, HistoryPause);
                break;
            case Tick.ReadHistory:
                ReadHistory();
                break;
            case ReadDone late:
                Remember(late);
                break;
            case ReadFailed:
                _reading = false;
                break;
            default:
                Stash.Stash();
                break;
        }
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Open:
                Sender.Tell(new Opened(_offset, _logOffset, [.. _states.Kept.Union(_open.Select(gpu => gpu.Key))]));
                break;
            case Load load when _states.MustBeReadAgain(load.Gpu):
                ReadAgain(load.Gpu, Sender);
                break;
            case Load load:
                Sender.Tell(Answer(load.Gpu, _states.HandOver(load.Gpu, Sender)));
                break;
            case ReadOne one:
                if (one.Gpu.State is null)
                {
                    _states.Forget(one.Gpu.Gpu);
                }

                _ = _states.HandOver(one.Gpu.Gpu, one.Actor);
                one.Actor.Tell(Answer(one.Gpu.Gpu, one.Gpu));
                break;
            case Retired retired:
                _states.Retire(retired.Gpu);
                _retired.Add(retired.Gpu);
                break;
            case Flush flush:
                StartRound(flush);
                break;
            case CheckpointRound.Ended ended:
                End(ended);
                break;
            case Terminated terminated when terminated.ActorRef.Equals(_round):
                AnswerFlush(false);
                break;
            case ReadDone late:
                // The database is back. What a GPU has applied since is newer, and what it was before completes it.
                Remember(late);
                break;
            case ReadFailed failed:
                _reading = false;
                _log.Warning("The checkpoint of shard {0} can't be read: {1}", _partition, failed.Error.Message);
                break;
        }
    }

    private void StartRound(Flush flush)
    {
        // Without knowing what is there nothing can follow it.
        if (!_isRead && !_reading)
        {
            Read();
        }

        if (!_isRead || _round is not null)
        {
            Sender.Tell(new Flushed(false));
            return;
        }

        _flusher = Sender;
        _logOffset = flush.LogOffset ?? _logOffset;
        // Without a new sample the states, which go on from those that were read, may have changed all the same.
        var head = new CheckpointHead(_partition, _number + 1, _epoch, Math.Max(_offset, flush.Offset), _logOffset, flush.AlertOffset);
        var draft = new CheckpointDraft(head.Number, _isForeign ? null : _number);
        var gpus = _states.ToAsk(flush.Gpus);
        foreach (var gpu in _states.Waiting)
        {
            if (gpu.State is { } state)
            {
                draft.Add(gpu.Gpu, gpu.Slot, state);
            }
        }

        _retiredInRound = _retired.Count;
        var hasRetired = _retiredInRound > _retiredWritten;
        _round = Context.Watch(Context.ActorOf(CheckpointRound.Props(head, draft, gpus, _states.Required(), hasRetired, _options)));
    }

    private void End(CheckpointRound.Ended ended)
    {
        switch (ended)
        {
            case { Outcome: CheckpointRound.Outcome.Written }:
                (_number, _offset, _isForeign) = (ended.Head.Number, ended.Head.Offset, false);
                _retiredWritten = _retiredInRound;
                _states.Written(ended.Saved);
                break;
            case { Error: CheckpointConflictException conflict }:
                _log.Warning("{0}", conflict.Message);
                if (conflict.Stored.Epoch <= _epoch)
                {
                    // An owner of before has written meanwhile: the next round follows its checkpoint, and replaces all of it.
                    (_number, _isForeign) = (conflict.Stored.Number, true);
                }

                break;
            case { Error: { } error }:
                _log.Warning(
                    "The checkpoint of shard {0} could not be written and is tried again in the next round: {1}",
                    _partition,
                    error.Message
                );
                break;
        }

        AnswerFlush(ended.Outcome != CheckpointRound.Outcome.Failed);
    }

    private void AnswerFlush(bool written)
    {
        _flusher.Tell(new Flushed(written));
        (_flusher, _round) = (ActorRefs.Nobody, null);
    }

    private Loaded Answer(GpuId gpu, RestoredGpu? kept) =>
        _retired.Contains(gpu) ? new(null, _epoch, [], []) : new(kept, _epoch, [.. _published[gpu]], [.. _open[gpu]]);

    private void Remember(ReadDone read)
    {
        Timers.Cancel(DatabaseTimer);
        (_reading, _isRead) = (false, true);
        foreach (var problem in read.States.Problems)
        {
            _log.Warning("The checkpoint of shard {0} has lost a piece, and GPUs in it start with empty windows: {1}", _partition, problem);
        }

        foreach (var (actor, state) in _states.Add(read.States))
        {
            actor.Tell(new Recovered(state));
        }

        if (read.Head is { } head)
        {
            (_number, _offset) = (head.Number, head.Offset);
            _epoch = Math.Max(_epoch, head.Epoch + 1);
            _logOffset ??= head.LogOffset;
        }
    }

    private void StartWithout(string why)
    {
        Timers.Cancel(DatabaseTimer);
        _log.Warning("The checkpoint of shard {0} can't be read: {1}. Its GPUs start with empty windows", _partition, why);
        ReadHistory();
    }

    private void ReadHistory()
    {
        Become(ReadingHistory);
        if (_options.History is not { } history)
        {
            Self.Tell(AlertHistory.Empty);
            return;
        }

        history.ReadAsync(_partition, _alertOffset, _options.RememberedTransitions, _stopping.Token).PipeTo(Self);
    }

    private void Read()
    {
        _reading = true;
        var states = new CheckpointRestore();
        ReadAsync(states).PipeTo(Self, Self, head => new ReadDone(head, states), error => new ReadFailed(error));
    }

    // Its actor has failed and begins anew: from the checkpoint, since nothing else was kept.
    private void ReadAgain(GpuId gpu, IActorRef actor)
    {
        var states = new CheckpointRestore(only: read => read == gpu);
        ReadAsync(states)
            .PipeTo(
                Self,
                Self,
                _ => new ReadOne(actor, states.Gpus.GetValueOrDefault(gpu) ?? Lost(gpu, "It is in no checkpoint")),
                error => new ReadOne(actor, Lost(gpu, error.Message))
            );

        static RestoredGpu Lost(GpuId gpu, string why) => new(gpu, -1) { Problem = $"The state of {gpu} can't be read again: {why}" };
    }

    // On a pool thread: what is read is decoded at once.
    private Task<CheckpointHead?> ReadAsync(CheckpointRestore states)
    {
        var stopping = _stopping.Token;
        return Task.Run(
            async () =>
            {
                var head = await _options.Store.ReadAsync(_partition, Take, stopping).ConfigureAwait(false);
                states.Complete(head?.Number ?? 0);
                return head;
            },
            stopping
        );

        void Take(CheckpointPiece piece)
        {
            states.Take(piece);
            Interlocked.Increment(ref _piecesRead);
        }
    }

    private sealed record ReadDone(CheckpointHead? Head, CheckpointRestore States) : INoSerializationVerificationNeeded;

    private sealed record ReadFailed(Exception Error) : INoSerializationVerificationNeeded;

    private sealed record ReadOne(IActorRef Actor, RestoredGpu Gpu) : INoSerializationVerificationNeeded;

    private enum Tick
    {
        WaitNoLonger,
        ReadHistory,
    }
}
