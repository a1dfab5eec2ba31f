using System.IO.Compression;
using System.Text;
using GpuActors.Core.Gpus;
using GpuActors.Core.Samples;
using Npgsql;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>The checkpoints that stopped nodes have left in the database. Their table and form are in this file and nowhere else.</summary>
internal static class CheckpointReader
{
    private const byte Version = 2;

    // The highest sequence number is the newest: it is the offset that the states have reached.
    private const string Newest = "select snapshot from snapshot where persistence_id = $1 order by sequence_number desc limit 1";

    /// <summary>The states of all GPUs.</summary>
    public static async Task<Dictionary<GpuId, GpuState>> ReadAll(string database, int partitions)
    {
        var states = new Dictionary<GpuId, GpuState>();
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        for (var partition = 0; partition < partitions; partition++)
        {
            await using var command = new NpgsqlCommand(Newest, connection) { Parameters = { new() { Value = $"gpu-shard-{partition}" } } };
            if (await command.ExecuteScalarAsync() is byte[] snapshot)
            {
                Read(snapshot, states);
            }
        }

        return states;
    }

    private static void Read(byte[] snapshot, Dictionary<GpuId, GpuState> into)
    {
        if (snapshot is not [Version, ..])
        {
            throw new InvalidDataException(
                $"The checkpoint has version {(snapshot.Length > 0 ? snapshot[0] : -1)}; this test reads {Version}"
            );
        }

        using var reader = new BinaryReader(
            new BrotliStream(new MemoryStream(snapshot, 1, snapshot.Length - 1), CompressionMode.Decompress),
            Encoding.UTF8
        );
        // Epoch, offset in gpu-logs, end of gpu-alerts.
        _ = (reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64());
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            var gpu = GpuId.Parse(reader.ReadString());
            into[gpu] = GpuState.Load(gpu, reader.ReadBytes(reader.Read7BitEncodedInt()));
        }
    }
}
