using System.Buffers.Binary;

namespace GpuActors.Core.Samples;

/// <summary>
/// Kafka's hash of a record key. Producers with the partitioner <c>murmur2</c> or <c>murmur2_random</c> select the partition by this hash,
/// and the engine selects a GPU's shard by it too, so the partition number and the shard number of a GPU are equal.
/// </summary>
public static class Murmur2
{
    private const uint Seed = 0x9747b28c;
    private const uint M = 0x5bd1e995;

    /// <summary>Computes the hash as Kafka's Java client does.</summary>
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

    /// <summary>Computes the partition, from 0, of a key in a topic with <paramref name="partitions"/> partitions.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="partitions"/> is less than 1.</exception>
    public static int Partition(ReadOnlySpan<byte> key, int partitions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        return (Hash(key) & int.MaxValue) % partitions;
    }

    /// <summary>Computes the partition of a GPU's records in a topic with <paramref name="partitions"/> partitions.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="partitions"/> is less than 1.</exception>
    public static int Partition(GpuId gpu, int partitions)
    {
        Span<byte> utf8 = stackalloc byte[GpuId.MaxLength];
        return Partition(utf8[..System.Text.Encoding.ASCII.GetBytes(gpu.Value, utf8)], partitions);
    }
}
