using GpuActors.Host.Configuration;
using GpuActors.Kafka.Admin;
using GpuActors.Storage;

namespace GpuActors.Host.Node;

/// <summary>What must hold before a node starts: topics with the right number of partitions, and the schema where it stores.</summary>
internal static class NodeChecks
{
    /// <summary>Checks, and creates missing topics where that is allowed.</summary>
    /// <exception cref="KafkaTopicException">Topics or brokers are not as they must be.</exception>
    /// <exception cref="InvalidOperationException">The schema is not the one that this executable needs.</exception>
    public static async Task RunAsync(HostSettings settings, CancellationToken cancellationToken)
    {
        if (settings.Node.NeedsKafka())
        {
            using var topics = new KafkaTopics(settings.Kafka);
            await topics
                .EnsureAsync([.. settings.Topics.All], settings.TopicLayout, cancellationToken, settings.Topics.Compacted)
                .ConfigureAwait(false);
        }

        if (settings.Node.Roles.Contains("store"))
        {
            await CheckSchemaAsync(settings.Storage, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task CheckSchemaAsync(StorageSettings storage, CancellationToken cancellationToken)
    {
        var store = TelemetryStores.Create(storage);
        await using (store.ConfigureAwait(false))
        {
            var version = await store.GetSchemaVersionAsync(cancellationToken).ConfigureAwait(false);
            var needed = TelemetryStores.NewestSchemaVersion(storage.Provider);
            if (version != needed)
            {
                throw new InvalidOperationException(
                    version < needed
                        ? $"The database's schema has version {version}, and this executable needs {needed}: run gpuactors migrate "
                            + "with the same configuration"
                        : $"The database's schema has version {version}, and this executable supports up to {needed}: "
                            + "run an executable at least as new as the one that upgraded the database"
                );
            }
        }
    }
}
