using System.IO.Compression;
using System.Text;
using GpuActors.Core.Samples;

namespace GpuActors.Engine.Shards;

/// <summary>
/// A shard's checkpoint: the states of its GPUs, each as <c>GpuState.Save</c> gives it, and what belongs to them. Compact binary,
/// compressed, with a version.
/// </summary>
/// <param name="Epoch">Number of the ownership that wrote it: grows with every node that takes the shard over.</param>
/// <param name="LogOffset">Offset in the shard's partition of <c>gpu-logs</c> that the states have reached at least; null when no line was
/// read.</param>
/// <param name="AlertOffset">Offset in the shard's partition of <c>gpu-alerts</c>: a transition that the states do not know of has this
/// offset or a higher one; null when nobody has noted it.</param>
/// <param name="States">States by GPU.</param>
internal sealed record ShardSnapshot(long Epoch, long? LogOffset, long? AlertOffset, IReadOnlyDictionary<GpuId, byte[]> States)
{
    private const byte Version = 2;

    /// <summary>What there is before the first checkpoint.</summary>
    public static ShardSnapshot Empty { get; } = new(0, null, null, new Dictionary<GpuId, byte[]>());

    /// <summary>The bytes.</summary>
    public byte[] Save()
    {
        using var buffer = new MemoryStream();
        buffer.WriteByte(Version);
        using (var compressed = new BrotliStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
        using (var writer = new BinaryWriter(compressed, Encoding.UTF8))
        {
            writer.Write7BitEncodedInt64(Epoch);
            writer.Write7BitEncodedInt64(LogOffset ?? -1);
            writer.Write7BitEncodedInt64(AlertOffset ?? -1);
            writer.Write7BitEncodedInt(States.Count);
            foreach (var (gpu, state) in States)
            {
                writer.Write(gpu.Value);
                writer.Write7BitEncodedInt(state.Length);
                writer.Write(state);
            }
        }

        return buffer.ToArray();
    }

    /// <summary>What <see cref="Save"/> wrote, or version 1, which had the states only.</summary>
    /// <exception cref="InvalidDataException">It is of a version that this build does not read.</exception>
    public static ShardSnapshot Load(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        if (bytes is not [1 or Version, ..])
        {
            throw new InvalidDataException(
                $"The checkpoint has version {(bytes.Length > 0 ? bytes[0] : -1)}; this build reads 1 and {Version}: run one at least as new as the one that wrote it"
            );
        }

        using var reader = new BinaryReader(
            new BrotliStream(new MemoryStream(bytes, 1, bytes.Length - 1), CompressionMode.Decompress),
            Encoding.UTF8
        );
        var (epoch, logOffset, alertOffset) =
            bytes[0] == 1 ? (0, -1, -1) : (reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64());
        var states = new Dictionary<GpuId, byte[]>();
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            var gpu = GpuId.Parse(reader.ReadString());
            states[gpu] = reader.ReadBytes(reader.Read7BitEncodedInt());
        }

        return new ShardSnapshot(epoch, Known(logOffset), Known(alertOffset), states);
    }

    private static long? Known(long offset) => offset < 0 ? null : offset;
}
