using GpuActors.Core.Checkpoints;
using GpuActors.Core.Gpus;
using GpuActors.Core.Samples;
using GpuActors.Storage;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>The checkpoints that stopped nodes have left in the database.</summary>
internal static class CheckpointReader
{
    /// <summary>The states of all GPUs.</summary>
    public static async Task<Dictionary<GpuId, GpuState>> ReadAll(string database, int partitions)
    {
        var states = new Dictionary<GpuId, GpuState>();
        await using var store = CheckpointStores.Create(StorageProvider.Postgres, database);
        for (var partition = 0; partition < partitions; partition++)
        {
            var restore = new CheckpointRestore();
            var head = await store.ReadAsync(partition, restore.Take, CancellationToken.None);
            restore.Complete(head?.Number ?? 0);
            if (restore.Problems.Count > 0)
            {
                throw new InvalidDataException($"Shard {partition}: {string.Join("; ", restore.Problems)}");
            }

            foreach (var gpu in restore.Gpus.Values)
            {
                states[gpu.Gpu] = gpu.State ?? throw new InvalidDataException(gpu.Problem);
            }
        }

        return states;
    }
}
