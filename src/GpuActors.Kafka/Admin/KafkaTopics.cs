using Confluent.Kafka;
using Confluent.Kafka.Admin;
using GpuActors.Kafka.Settings;

namespace GpuActors.Kafka.Admin;

/// <summary>
/// Checks and creates topics. The partition count is a constant of the cluster, since each partition is a shard: a different one prevents
/// the start.
/// </summary>
public sealed class KafkaTopics : IDisposable
{
    private const string TimestampType = "message.timestamp.type";

    private readonly KafkaClientSettings _client;
    private readonly IAdminClient _admin;
    private readonly Lock _gate = new();
    private string _lastError = "";

    /// <summary>Creates a client; nothing is sent yet.</summary>
    /// <exception cref="ArgumentException">A setting is not valid.</exception>
    public KafkaTopics(KafkaClientSettings client)
    {
        ArgumentNullException.ThrowIfNull(client);
        SettingErrors.ThrowIfAny(client.Validate(), nameof(client));
        _client = client;
        _admin = new AdminClientBuilder(client.Admin())
            .SetErrorHandler((_, error) => Note(error))
            .SetLogHandler(
                (
                    _,
                    _
                ) => { /* what goes wrong comes through the error handler and the exceptions below */
                }
            )
            .Build();
    }

    /// <summary>Asks for the brokers.</summary>
    /// <returns>Their addresses, <c>host:port</c>.</returns>
    /// <exception cref="KafkaTopicException">No broker answered in time; the text names the address and what to check.</exception>
    public Task<IReadOnlyList<string>> GetBrokersAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        RunAsync(() => (IReadOnlyList<string>)[.. Metadata(timeout).Brokers.Select(b => $"{b.Host}:{b.Port}")], cancellationToken);

    /// <summary>Topics with their number of partitions, without those that do not exist.</summary>
    /// <exception cref="KafkaTopicException">No broker answered in time.</exception>
    public Task<IReadOnlyDictionary<string, int>> GetPartitionCountsAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        RunAsync(
            () =>
                (IReadOnlyDictionary<string, int>)
                    Metadata(timeout).Topics.Where(t => !t.Error.IsError).ToDictionary(t => t.Topic, t => t.Partitions.Count),
            cancellationToken
        );

    /// <summary>Fewest replicas of a partition of a topic; null when the topic does not exist.</summary>
    /// <exception cref="KafkaTopicException">No broker answered in time.</exception>
    public Task<int?> GetReplicasAsync(string topic, TimeSpan timeout, CancellationToken cancellationToken) =>
        RunAsync(
            () => Metadata(timeout).Topics.FirstOrDefault(t => t.Topic == topic)?.Partitions.Min(p => (int?)p.Replicas.Length),
            cancellationToken
        );

    /// <summary>
    /// Checks that every topic exists with the right number of partitions, and creates missing ones if the settings allow it.
    /// </summary>
    /// <param name="topics">Names.</param>
    /// <param name="settings">Partition count, replication and whether to create.</param>
    /// <param name="cancellationToken">Stops the wait, but not the work of the broker.</param>
    /// <param name="compacted">Those topics that are created with <c>cleanup.policy = compact</c>; null for none.</param>
    /// <returns>Names of topics that were created.</returns>
    /// <exception cref="KafkaTopicException">A topic is missing and may not be created, or has another number of partitions, or no broker
    /// answered; the text names the remedy.</exception>
    public async Task<IReadOnlyList<string>> EnsureAsync(
        IReadOnlyCollection<string> topics,
        KafkaTopicSettings settings,
        CancellationToken cancellationToken,
        IReadOnlyCollection<string>? compacted = null
    )
    {
        ArgumentNullException.ThrowIfNull(topics);
        ArgumentNullException.ThrowIfNull(settings);
        SettingErrors.ThrowIfAny(settings.Validate(), nameof(settings));
        var counts = await GetPartitionCountsAsync(settings.Timeout, cancellationToken).ConfigureAwait(false);
        var wrong = topics
            .Where(t => counts.TryGetValue(t, out var n) && n != settings.Partitions)
            .Select(t =>
                $"topic {t} has {counts[t]} partitions, but gpu-actors is configured for {settings.Partitions}: set the number of "
                + $"partitions to {counts[t]}, or delete the topic and let it be created again (its records go with it)"
            )
            .ToList();
        var missing = topics.Where(t => !counts.ContainsKey(t)).Distinct(StringComparer.Ordinal).ToList();
        if (!settings.Create)
        {
            wrong.AddRange(
                missing.Select(t => $"topic {t} does not exist: create it with {settings.Partitions} partitions, or allow it to be created")
            );
        }

        if (wrong.Count > 0)
        {
            throw new KafkaTopicException(string.Join("; ", wrong));
        }

        if (missing.Count > 0)
        {
            await CreateAsync(missing, settings, compacted ?? []).WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        await AwaitLeadersAsync(topics, settings, cancellationToken).ConfigureAwait(false);
        return missing;
    }

    /// <summary>Finds topics whose records have the producers' clocks instead of the broker's.</summary>
    /// <param name="topics">Names of topics; those that do not exist are left out.</param>
    /// <param name="timeout">Longest wait for the answer.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <returns>Topics with <c>message.timestamp.type = CreateTime</c>. Empty as well where the broker does not tell, such as to a client
    /// that may not read configurations.</returns>
    public async Task<IReadOnlyList<string>> FindCreateTimeAsync(
        IReadOnlyCollection<string> topics,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(topics);
        var counts = await GetPartitionCountsAsync(timeout, cancellationToken).ConfigureAwait(false);
        var resources = topics
            .Where(counts.ContainsKey)
            .Distinct(StringComparer.Ordinal)
            .Select(topic => new ConfigResource { Type = ResourceType.Topic, Name = topic })
            .ToList();
        if (resources.Count == 0)
        {
            return [];
        }

        try
        {
            var described = await _admin
                .DescribeConfigsAsync(resources, new DescribeConfigsOptions { RequestTimeout = timeout })
                .WaitAsync(cancellationToken)
                .ConfigureAwait(false);
            return
            [
                .. described
                    .Where(topic => topic.Entries.TryGetValue(TimestampType, out var entry) && entry.Value == "CreateTime")
                    .Select(topic => topic.ConfigResource.Name),
            ];
        }
        catch (KafkaException)
        {
            return [];
        }
    }

    /// <summary>The command that gives a topic the broker's clock.</summary>
    public string AppendTimeCommand(string topic) =>
        $"kafka-configs.sh --bootstrap-server {_client.BootstrapServers} --alter --entity-type topics --entity-name {topic} "
        + $"--add-config {TimestampType}=LogAppendTime";

    /// <inheritdoc/>
    public void Dispose() => _admin.Dispose();

    // All in one request: a broker under load answers each request late.
    private async Task CreateAsync(List<string> topics, KafkaTopicSettings settings, IReadOnlyCollection<string> compacted)
    {
        try
        {
            await _admin
                .CreateTopicsAsync(
                    topics.Select(topic => new TopicSpecification
                    {
                        Name = topic,
                        NumPartitions = settings.Partitions,
                        ReplicationFactor = settings.ReplicationFactor,
                        Configs = Configuration(settings, compacted.Contains(topic)),
                    }),
                    new CreateTopicsOptions { RequestTimeout = settings.Timeout, OperationTimeout = settings.Timeout }
                )
                .ConfigureAwait(false);
        }
        catch (CreateTopicsException e)
        {
            // Another node may have created a topic meanwhile; its partition count is checked at the next start like any other.
            var refused = e.Results.Where(r => r.Error.IsError && r.Error.Code != ErrorCode.TopicAlreadyExists).ToList();
            if (refused.Count > 0)
            {
                throw NotCreated(refused.Select(r => r.Topic), refused[0].Error, settings, e);
            }
        }
        catch (KafkaException e)
        {
            throw NotCreated(topics, e.Error, settings, e);
        }
    }

    private static Dictionary<string, string> Configuration(KafkaTopicSettings settings, bool isCompacted)
    {
        var configs = new Dictionary<string, string>();
        if (settings.LogAppendTime)
        {
            configs[TimestampType] = "LogAppendTime";
        }

        if (isCompacted)
        {
            configs["cleanup.policy"] = "compact";
        }

        return configs;
    }

    private KafkaTopicException NotCreated(IEnumerable<string> topics, Error reason, KafkaTopicSettings settings, KafkaException cause) =>
        new(
            $"Topics {string.Join(", ", topics)} could not be created at {_client.BootstrapServers}: {reason.Text()}; create them with "
                + $"{settings.Partitions} partitions by hand",
            cause
        );

    // A topic is usable only when each partition has a leader: after its creation, or after a start of the brokers.
    private async Task AwaitLeadersAsync(
        IReadOnlyCollection<string> topics,
        KafkaTopicSettings settings,
        CancellationToken cancellationToken
    )
    {
        var deadline = Environment.TickCount64 + (long)settings.LeaderTimeout.TotalMilliseconds;
        while (true)
        {
            var ready = await RunAsync(
                    () =>
                        Metadata(settings.Timeout)
                            .Topics.Where(t =>
                                !t.Error.IsError && t.Partitions.Count == settings.Partitions && t.Partitions.TrueForAll(p => p.Leader >= 0)
                            )
                            .Select(t => t.Topic)
                            .ToHashSet(),
                    cancellationToken
                )
                .ConfigureAwait(false);
            if (topics.All(ready.Contains))
            {
                return;
            }

            if (Environment.TickCount64 > deadline)
            {
                throw new KafkaTopicException(
                    $"Topics {string.Join(", ", topics.Where(t => !ready.Contains(t)))} have no leader for all of "
                        + $"{settings.Partitions} partitions after {settings.LeaderTimeout} "
                        + "(kafka.topics.leader-timeout): look at the brokers' logs"
                );
            }

            await Task.Delay(50, cancellationToken).ConfigureAwait(false);
        }
    }

    private Metadata Metadata(TimeSpan timeout)
    {
        try
        {
            return _admin.GetMetadata(timeout);
        }
        catch (KafkaException e)
        {
            string last;
            lock (_gate)
            {
                last = _lastError;
            }

            throw new KafkaTopicException(
                $"No Kafka broker answered at {_client} within {timeout}: {e.Error.Reason}"
                    + $"{(last.Length > 0 ? $"; last error: {last}" : "")}. Check the address, that the broker runs and advertises an "
                    + "address that this machine reaches, and security-protocol",
                e
            );
        }
    }

    private void Note(Error error)
    {
        lock (_gate)
        {
            _lastError = error.Reason;
        }
    }

    // The metadata call of the library blocks.
    private static Task<T> RunAsync<T>(Func<T> call, CancellationToken cancellationToken) =>
        Task.Run(call, cancellationToken).WaitAsync(cancellationToken);
}
