using System.IO.Compression;
using System.Text;
using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using GpuActors.Core.Samples;
using static GpuActors.Engine.Checkpoints.CheckpointProtocol;

namespace GpuActors.Engine.Checkpoints;

/// <summary>
/// The states of one shard's GPUs, as one snapshot: a GPU's actor starts with a look-up in memory, not with a query. A database that is
/// down delays no alert: states that can't be read start empty, states that can't be written are written at the next turn.
/// The snapshot's sequence number is the offset that its states have reached, and the highest is read: a node that was cut off, or slept, and
/// writes what it knew overwrites nothing of its successor's.
/// </summary>
internal sealed class ShardCheckpoint : UntypedPersistentActor
{
    private const byte Version = 1;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<GpuId, byte[]> _states = [];
    private IActorRef _asker = ActorRefs.Nobody;
    private bool _dirty;
    private long? _writing;

    public ShardCheckpoint(int partition) => PersistenceId = $"gpu-shard-{partition}";

    public override string PersistenceId { get; }

    public static Props Props(int partition) => Akka.Actor.Props.Create(() => new ShardCheckpoint(partition));

    protected override void OnRecover(object message)
    {
        if (message is SnapshotOffer { Snapshot: byte[] snapshot })
        {
            foreach (var (gpu, state) in Read(snapshot))
            {
                _states[gpu] = state;
            }
        }
    }

    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        _log.Warning(reason, "Checkpoint {0} can't be read: its GPUs start with empty windows", PersistenceId);
        base.OnRecoveryFailure(reason, message);
    }

    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case Load load:
                Sender.Tell(new Loaded(_states.GetValueOrDefault(load.Gpu, [])));
                break;
            case Save save:
                _states[save.Gpu] = save.Snapshot;
                _dirty = true;
                break;
            case Flush when _writing is not null:
                Sender.Tell(new Flushed(false)); // The database is slow: the next turn is for this one too.
                break;
            case Flush when !_dirty:
                Sender.Tell(new Flushed(true));
                break;
            case Flush flush:
                _asker = Sender;
                _dirty = false;
                _writing = flush.Offset;
                SnapshotStore.Tell(new SaveSnapshot(new SnapshotMetadata(PersistenceId, flush.Offset, Context.System.Scheduler.Now.UtcDateTime), Write(_states)));
                break;
            case SaveSnapshotSuccess saved:
                DeleteSnapshots(new SnapshotSelectionCriteria(saved.Metadata.SequenceNr - 1));
                Written(true);
                break;
            case SaveSnapshotFailure failed:
                _log.Warning(failed.Cause, "Checkpoint {0} could not be written; it is tried again at the next turn", PersistenceId);
                _dirty = true;
                Written(false);
                break;
        }
    }

    private void Written(bool written)
    {
        _writing = null;
        _asker.Tell(new Flushed(written));
    }

    private static byte[] Write(Dictionary<GpuId, byte[]> states)
    {
        using var buffer = new MemoryStream();
        buffer.WriteByte(Version);
        using (var compressed = new BrotliStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
        using (var writer = new BinaryWriter(compressed, Encoding.UTF8))
        {
            writer.Write7BitEncodedInt(states.Count);
            foreach (var (gpu, state) in states)
            {
                writer.Write(gpu.Value);
                writer.Write7BitEncodedInt(state.Length);
                writer.Write(state);
            }
        }

        return buffer.ToArray();
    }

    private static IEnumerable<(GpuId Gpu, byte[] State)> Read(byte[] snapshot)
    {
        if (snapshot is not [Version, ..])
        {
            throw new InvalidDataException($"The checkpoint has version {(snapshot.Length > 0 ? snapshot[0] : -1)}; this version reads {Version}");
        }

        using var reader = new BinaryReader(new BrotliStream(new MemoryStream(snapshot, 1, snapshot.Length - 1), CompressionMode.Decompress), Encoding.UTF8);
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            var gpu = GpuId.Parse(reader.ReadString());
            yield return (gpu, reader.ReadBytes(reader.Read7BitEncodedInt()));
        }
    }
}
