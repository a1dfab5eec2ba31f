using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using GpuActors.Core.Gpus;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;

namespace GpuActors.Core.Checkpoints;

/// <summary>
/// A checkpoint of a shard that is being made. GPUs add their states from their own threads, in whatever order; the bytes lie in pooled
/// buffers of a megabyte until the draft is disposed. Closed minutes and hours are written once, when they close. All minutes of a GPU are
/// written again every <see cref="MinutesCycle"/> checkpoints and all hours every <see cref="HoursCycle"/>, at other checkpoints for other
/// GPUs, so that older pieces can be deleted.
/// </summary>
/// <param name="number">Number of the checkpoint.</param>
/// <param name="writtenNumber">
/// Number of the one that it follows; 0 for none; null when another node has written that one, so that it lacks what the GPUs here have
/// saved.
/// </param>
public sealed class CheckpointDraft(long number, long? writtenNumber) : IDisposable
{
    /// <summary>Bytes of a full piece.</summary>
    public const int PieceBytes = 1 << 20;

    /// <summary>Checkpoints after which every GPU has written all of its closed minutes again.</summary>
    public const int MinutesCycle = 30;

    /// <summary>Checkpoints after which every GPU has written all of its closed hours again: a day of minutes.</summary>
    public const int HoursCycle = 24 * 60;

    [ThreadStatic]
    private static Scratch? OfThread;

    private readonly Lock _adding = new();
    private readonly List<CheckpointPiece> _full = [];
    private readonly List<byte[]> _rented = [];
    private readonly Piece[] _open = [new(CheckpointPart.States), new(CheckpointPart.Minutes), new(CheckpointPart.Hours)];

    /// <summary>Number of the checkpoint.</summary>
    public long Number => number;

    /// <summary>Number of the oldest checkpoint whose minutes are still needed after this one.</summary>
    public long MinutesFrom => number - MinutesCycle + 1;

    /// <summary>Number of the oldest checkpoint whose hours are still needed after this one.</summary>
    public long HoursFrom => number - HoursCycle + 1;

    /// <summary>The pieces; they are valid until the draft is disposed.</summary>
    public IReadOnlyList<CheckpointPiece> Pieces
    {
        get
        {
            lock (_adding)
            {
                return [.. _full, .. _open.Where(piece => piece.Count > 0).Select(Closed)];
            }
        }
    }

    /// <summary>Bytes of all pieces.</summary>
    public long Bytes => Pieces.Sum(piece => (long)piece.Bytes.Length);

    /// <summary>Adds a GPU. Thread-safe; the state itself is used by the caller alone.</summary>
    /// <param name="gpu">The GPU.</param>
    /// <param name="slot">Its number within the shard, which is at least 0 and stays its own.</param>
    /// <param name="state">Its state.</param>
    public void Add(GpuId gpu, int slot, GpuState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var scratch = OfThread ??= new Scratch();
        state.Windows.BeginSave(number, writtenNumber);
        scratch.Begin(slot);
        scratch.Writer.Write(gpu.Value);
        state.SaveOpen(scratch.Writer);
        Append(CheckpointPart.States, scratch.End());
        scratch.Begin(slot);
        if (state.Windows.SaveRows(scratch.Writer, hours: false, all: (number + slot) % MinutesCycle == 0))
        {
            Append(CheckpointPart.Minutes, scratch.End());
        }

        scratch.Begin(slot);
        if (state.Windows.SaveRows(scratch.Writer, hours: true, all: (number + slot) % HoursCycle == 0))
        {
            Append(CheckpointPart.Hours, scratch.End());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_adding)
        {
            _rented.ForEach(bytes => ArrayPool<byte>.Shared.Return(bytes));
            _rented.Clear();
            _full.Clear();
            foreach (var piece in _open)
            {
                (piece.Bytes, piece.Count) = ([], 0);
            }
        }
    }

    private CheckpointPiece Closed(Piece piece) => new(piece.Part, number, piece.Bytes.AsMemory(0, piece.Count));

    private void Append(CheckpointPart part, ReadOnlySpan<byte> entry)
    {
        lock (_adding)
        {
            var piece = _open[(int)part];
            if (piece.Count + entry.Length > piece.Bytes.Length)
            {
                if (piece.Count > 0)
                {
                    _full.Add(Closed(piece));
                }

                // The pool's arrays have powers of two.
                (piece.Bytes, piece.Count) = (ArrayPool<byte>.Shared.Rent(Math.Max(PieceBytes, entry.Length)), 0);
                _rented.Add(piece.Bytes);
            }

            entry.CopyTo(piece.Bytes.AsSpan(piece.Count));
            piece.Count += entry.Length;
        }
    }

    private sealed class Piece(CheckpointPart part)
    {
        public CheckpointPart Part => part;

        public byte[] Bytes { get; set; } = [];

        public int Count { get; set; }
    }

    // An entry: length of what follows, slot, content.
    private sealed class Scratch
    {
        private const int InitialBytes = 8192;

        public BinaryWriter Writer { get; } = new(new MemoryStream(InitialBytes), Encoding.UTF8);

        private MemoryStream Buffer => (MemoryStream)Writer.BaseStream;

        public void Begin(int slot)
        {
            Buffer.SetLength(0);
            Writer.Write(0);
            Writer.Write7BitEncodedInt(slot);
        }

        public ReadOnlySpan<byte> End()
        {
            Writer.Flush();
            var entry = Buffer.GetBuffer().AsSpan(0, (int)Buffer.Length);
            BinaryPrimitives.WriteInt32LittleEndian(entry, entry.Length - sizeof(int));
            return entry;
        }
    }
}
