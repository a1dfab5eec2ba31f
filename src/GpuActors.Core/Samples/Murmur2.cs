using System.Buffers.Binary;

namespace GpuActors.Core.Samples;

/// <summary>
/// Kafka's own hash of a record key. Producers with the <c>murmur2</c> or <c>murmur2_random</c> partitioner place a GPU's records by it,
/// and shards are placed by it too: that is what makes partition and shard the same number.
/// </summary>
public static class Murmur2
{
    private const uint Seed = 0x9747b28c;
    private const uint M = 0x5bd1e995;

    /// <summary>The hash, as Kafka's Java client computes it.</summary>
    public static int Hash(ReadOnlySpan<byte> key)
    {
        var h = Seed ^ (uint)key.Length;
        while (key.Length >= 4)
        {
            var k = BinaryPrimitives.ReadUInt32LittleEndian(key) * M;
            k ^= k >> 24;
            h = (h * M) ^ (k * M);
            key = key[4..];
        }

        for (var i = key.Length - 1; i >= 0; i--)
        {
            h ^= (uint)key[i] << (8 * i);
        }

        if (key.Length > 0)
        {
            h *= M;
        }

        h ^= h >> 13;
        h *= M;
        return (int)(h ^ (h >> 15));
    }

    /// <summary>The partition, from 0, of a key in a topic of <paramref name="partitions"/> partitions.</summary>
    public static int Partition(ReadOnlySpan<byte> key, int partitions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        return (Hash(key) & int.MaxValue) % partitions;
    }

    /// <summary>The partition of a GPU's records.</summary>
    public static int Partition(GpuId gpu, int partitions)
    {
        Span<byte> utf8 = stackalloc byte[GpuId.MaxLength];
        return Partition(utf8[..System.Text.Encoding.ASCII.GetBytes(gpu.Value, utf8)], partitions);
    }
}
