using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Event;
using GpuActors.Core.Alerts;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;
using GpuActors.Engine.Protocol;
using static GpuActors.Engine.Protocol.CheckpointProtocol;

namespace GpuActors.Engine.Shards;

/// <summary>
/// What this node must know of a shard before the first of its GPUs starts: the kept states, so that a GPU starts with a look-up in memory
/// and not with a query, and which transitions were published since, so that a replay publishes none twice. A database that is away delays
/// no alert for long: after a while GPUs start with empty windows, and states that can't be written are written at the next turn. The alert
/// topic is waited for: without it no alert could be published either.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "An actor frees what it has when it stops")]
internal sealed class ShardMemory : UntypedActor, IWithTimers, IWithUnboundedStash
{
    private static readonly TimeSpan HistoryPause = TimeSpan.FromSeconds(1);

    private readonly int _partition;
    private readonly ShardMemoryOptions _options;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<GpuId, byte[]> _states = [];
    private ILookup<GpuId, AlertTransition> _published = Array.Empty<AlertTransition>().ToLookup(transition => transition.Gpu);
    private IActorRef? _checkpoint;
    private IActorRef _flusher = ActorRefs.Nobody;
    private long _offset;
    private long? _logOffset;
    private long? _alertOffset;
    private long _epoch;
    private bool _dirty;

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
        StartCheckpoint();
        Timers.StartSingleTimer("database", Tick.WaitNoLonger, _options.DatabaseTimeout);
        Become(Recovering);
    }

    protected override void PostStop()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private void Recovering(object message)
    {
        switch (message)
        {
            case ShardCheckpoint.Recovered recovered:
                _offset = recovered.Offset;
                Remember(recovered.Snapshot);
                _alertOffset = recovered.Snapshot.AlertOffset;
                ReadHistory();
                break;
            case Terminated:
                _checkpoint = null;
                StartWithout("");
                break;
            case Tick.WaitNoLonger:
                StartWithout($" within {_options.DatabaseTimeout}");
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
            case ShardCheckpoint.Recovered late:
                Remember(late.Snapshot);
                break;
            case Terminated:
                _checkpoint = null;
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
                Sender.Tell(new Opened(_offset, _logOffset, [.. _states.Keys]));
                break;
            case Load load:
                Sender.Tell(new Loaded(_states.GetValueOrDefault(load.Gpu, []), _epoch, [.. _published[load.Gpu]]));
                break;
            case Save save:
                _states[save.Gpu] = save.Snapshot;
                _dirty = true;
                break;
            case Flush flush:
                Write(flush);
                break;
            case ShardCheckpoint.Written written:
                _dirty |= !written.Success;
                _flusher.Tell(new Flushed(written.Success));
                break;
            case ShardCheckpoint.Recovered late:
                // The database is back. What a GPU has saved since is newer; the others have not started yet.
                Remember(late.Snapshot);
                break;
            case Terminated:
                _checkpoint = null;
                _flusher.Tell(new Flushed(false));
                break;
        }
    }

    private void Write(Flush flush)
    {
        if (_checkpoint is null)
        {
            StartCheckpoint();
            Sender.Tell(new Flushed(false));
            return;
        }

        _logOffset = flush.LogOffset ?? _logOffset;
        if (!_dirty)
        {
            Sender.Tell(new Flushed(true));
            return;
        }

        _flusher = Sender;
        _dirty = false;
        _checkpoint.Tell(new ShardCheckpoint.Write(flush.Offset, new ShardSnapshot(_epoch, _logOffset, flush.AlertOffset, _states).Save()));
    }

    private void Remember(ShardSnapshot snapshot)
    {
        Timers.Cancel("database");
        _epoch = Math.Max(_epoch, snapshot.Epoch + 1);
        _logOffset ??= snapshot.LogOffset;
        foreach (var (gpu, state) in snapshot.States)
        {
            _states.TryAdd(gpu, state);
        }
    }

    private void StartWithout(string limit)
    {
        Timers.Cancel("database");
        _log.Warning("The checkpoint of shard {0} can't be read{1}: its GPUs start with empty windows", _partition, limit);
        ReadHistory();
    }

    private void ReadHistory()
    {
        Become(ReadingHistory);
        if (_options.History is not { } history)
        {
            Self.Tell(new AlertHistory(0, []));
            return;
        }

        history.ReadAsync(_partition, _alertOffset, _options.RememberedTransitions, _stopping.Token).PipeTo(Self);
    }

    // A name of its own each time: the one before may still be stopping.
    private void StartCheckpoint() => _checkpoint = Context.Watch(Context.ActorOf(ShardCheckpoint.Props(_partition)));

    private enum Tick
    {
        WaitNoLonger,
        ReadHistory,
    }
}
