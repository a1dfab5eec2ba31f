using System.Runtime.InteropServices;
using System.Text;
using GpuActors.Core.Gpus;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;

namespace GpuActors.Core.Checkpoints;

/// <summary>
/// The GPUs of a checkpoint, made of its pieces as they are read: first the states, then the closed minutes and hours of their windows in
/// the order in which they were written. No piece is kept, so that a shard takes no more room than its states.
/// </summary>
/// <param name="only">Which GPUs are restored; null for all.</param>
public sealed class CheckpointRestore(Func<GpuId, bool>? only = null)
{
    // A damaged entry must not make an array of any size.
    private const int MostSlots = 1 << 22;

    private readonly Dictionary<GpuId, RestoredGpu> _gpus = [];
    private readonly List<string> _problems = [];
    private RestoredGpu?[] _bySlot = [];

    /// <summary>The GPUs so far.</summary>
    public IReadOnlyDictionary<GpuId, RestoredGpu> Gpus => _gpus;

    /// <summary>What could not be read of whole pieces; what is damaged of one GPU is said there.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Takes a piece.</summary>
    public void Take(CheckpointPiece piece)
    {
        _ = MemoryMarshal.TryGetArray(piece.Bytes, out var bytes);
        using var stream = new MemoryStream(bytes.Array ?? [], bytes.Offset, bytes.Count, writable: false);
        using var reader = new BinaryReader(stream, Encoding.UTF8);
        try
        {
            while (stream.Position < stream.Length)
            {
                var length = reader.ReadInt32();
                var end = stream.Position + length;
                if (length < 1 || end > stream.Length)
                {
                    throw new FormatException($"an entry of {length} bytes at {stream.Position} of {stream.Length}");
                }

                var slot = reader.Read7BitEncodedInt();
                if (slot is < 0 or >= MostSlots)
                {
                    throw new FormatException($"an entry has slot {slot}");
                }

                if (piece.Part == CheckpointPart.States)
                {
                    TakeState(slot, (int)(end - stream.Position), reader);
                }
                else if (slot < _bySlot.Length && _bySlot[slot] is { State: { } state } gpu)
                {
                    TakeRows(gpu, state, reader, hours: piece.Part == CheckpointPart.Hours);
                }

                stream.Position = end;
            }
        }
        catch (Exception e) when (GpuState.IsDamage(e))
        {
            _problems.Add($"{piece.Part} of checkpoint {piece.Number} ({stream.Length} bytes) are damaged: {e.Message}");
        }
    }

    /// <summary>Ends the reading: what the states change from now on is unsaved.</summary>
    /// <param name="number">Number of the checkpoint.</param>
    public void Complete(long number)
    {
        foreach (var gpu in _gpus.Values)
        {
            gpu.State?.Windows.BeginAt(number);
        }

        _bySlot = [];
    }

    private void TakeState(int slot, int length, BinaryReader reader)
    {
        var gpu = new RestoredGpu(GpuId.Parse(reader.ReadString()), slot);
        if (only?.Invoke(gpu.Gpu) == false)
        {
            return;
        }

        if (slot >= _bySlot.Length)
        {
            Array.Resize(ref _bySlot, Math.Max(slot + 1, _bySlot.Length * 2));
        }

        _gpus[gpu.Gpu] = _bySlot[slot] = gpu;
        try
        {
            gpu.State = GpuState.LoadOpen(gpu.Gpu, length, reader);
        }
        catch (InvalidDataException e)
        {
            gpu.Problem = e.Message;
        }
    }

    private static void TakeRows(RestoredGpu gpu, GpuState state, BinaryReader reader, bool hours)
    {
        try
        {
            state.Windows.LoadRows(reader, hours);
        }
        catch (Exception e) when (GpuState.IsDamage(e))
        {
            gpu.State = null;
            gpu.Problem = $"The closed {(hours ? "hours" : "minutes")} of {gpu.Gpu} are damaged: {e.Message}";
        }
    }
}
