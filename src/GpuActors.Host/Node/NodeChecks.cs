using GpuActors.Host.Configuration;
using GpuActors.Kafka.Admin;
using GpuActors.Storage;

namespace GpuActors.Host.Node;

/// <summary>
/// What must hold before a node starts: topics with the right number of partitions and the broker's clock, and the schema where it stores.
/// </summary>
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
            await CheckTimestampsAsync(topics, settings, cancellationToken).ConfigureAwait(false);
        }

        if (settings.Node.Roles.Contains("store"))
        {
            await CheckSchemaAsync(settings.Storage, cancellationToken).ConfigureAwait(false);
        }
    }

    // The embedded broker and a setting of the user's are the exceptions: then times are those of the producers.
    private static async Task CheckTimestampsAsync(KafkaTopics topics, HostSettings settings, CancellationToken cancellationToken)
    {
        if (!settings.TopicLayout.LogAppendTime)
        {
            return;
        }

        var wrong = await topics
            .FindCreateTimeAsync([.. settings.Topics.AppendTimed], settings.TopicLayout.Timeout, cancellationToken)
            .ConfigureAwait(false);
        if (wrong.Count > 0)
        {
            throw new KafkaTopicException(
                $"Topics {string.Join(", ", wrong)} have message.timestamp.type = CreateTime, so that the clock of one producer could make "
                    + "GPUs of others appear absent. Give them the broker's clock, which holds for new records: "
                    + string.Join("; ", wrong.Select(topics.AppendTimeCommand))
            );
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
