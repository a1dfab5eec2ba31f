using Confluent.Kafka;
using GpuActors.Testing;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>The state of the replicas in a cluster of brokers.</summary>
internal static class Replicas
{
    /// <summary>Waits until every partition has a leader and its replicas on all brokers are in sync.</summary>
    public static async Task AwaitInSync(string bootstrap, int brokers)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap })
            .SetLogHandler((_, _) => { })
            .SetErrorHandler((_, _) => { })
            .Build();
        await Eventually.Get(() => Task.FromResult(Behind(admin, brokers)), n => n == 0, n => $"{n} partitions lack a leader or a replica");
    }

    private static int Behind(IAdminClient admin, int brokers)
    {
        try
        {
            return admin
                .GetMetadata(Eventually.Limit)
                .Topics.SelectMany(t => t.Partitions)
                .Count(p => p.Leader < 0 || p.InSyncReplicas.Length < brokers);
        }
        catch (KafkaException)
        {
            return int.MaxValue;
        }
    }
}
