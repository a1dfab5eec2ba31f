using Confluent.Kafka;

namespace GpuActors.Kafka.Settings;

/// <summary>One consumer of one topic in one group.</summary>
public sealed record KafkaConsumerSettings
{
    /// <summary>Topic to read. No default.</summary>
    public string Topic { get; init; } = "";

    /// <summary>Consumer group. No default: DETECT and STORE must have different ones.</summary>
    public string GroupId { get; init; } = "";

    /// <summary>
    /// Name of this member for static membership (<c>group.instance.id</c>), unique in the group. A process that restarts under the same
    /// name, or reconnects to the brokers, gets its partitions back at once instead of after <see cref="SessionTimeout"/>. A member that
    /// stops in good order leaves at once nevertheless. Empty (default) for a dynamic member.
    /// </summary>
    public string GroupInstanceId { get; init; } = "";

    /// <summary>
    /// Most records of one poll, and so of one batch, 1 to 1,000,000. Default 2,000: one or two milliseconds of work, so that no batch is
    /// late.
    /// </summary>
    public int MaxBatchRecords { get; init; } = 2_000;

    /// <summary>
    /// Batches of one partition that may be in flight before the consumer stops reading it, 1 to 10,000. Default 8; bounds the memory and
    /// the work that a revocation waits for.
    /// </summary>
    public int MaxBatchesInFlight { get; init; } = 8;

    /// <summary>
    /// How long one full partition may block the others before it is paused. Default 2 s: a pause discards the records that were fetched
    /// ahead, so it must be rare; but polling must not stop for long either.
    /// </summary>
    public TimeSpan PauseAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The group removes a member after this time without a heartbeat. Default 14 s: when the coordinator of a group dies, its members
    /// find the next one after 10 s or more, and the shards of a dead node become free about as late. The 45 s of librdkafka would be a
    /// gap of 45 s in alerts.
    /// </summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(14);

    /// <summary>
    /// Interval between heartbeats. Default 500 ms: a member learns of a rebalance from the answer, so that alerts wait for it at each
    /// start and stop of a node.
    /// </summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>After this long without polling a member leaves the group. Default 5 min.</summary>
    public TimeSpan MaxPollInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a revocation or a stop waits for batches in flight. Default 5 s; the rebalance of the whole group waits with it.
    /// </summary>
    public TimeSpan RevokeDrainTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Interval between commits of stored offsets. Default 1 s, which a process reads again after it was killed.</summary>
    public TimeSpan CommitInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Longest time that a broker delays the answer to a fetch while it has no records. Default 500 ms; new records are sent at once.
    /// </summary>
    public TimeSpan FetchWait { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Records fetched ahead, in KiB over all partitions. Default 32,768 (32 MiB): about 30,000 samples, which are processed in a
    /// tenth of a second.
    /// </summary>
    public int QueuedMaxKbytes { get; init; } = 32_768;

    /// <summary>Where to start without a committed offset: <c>earliest</c> (default: no record is missed) or <c>latest</c>.</summary>
    public string AutoOffsetReset { get; init; } = "earliest";

    /// <summary>
    /// False (default): a batch that is done moves the committed offset past it. True: only
    /// <see cref="Core.Messaging.IAssignedPartition.CommitUpTo"/> does, for a reader that saves its state in checkpoints; a batch
    /// that is done is then only released.
    /// </summary>
    public bool ManualCommit { get; init; }

    /// <summary>The errors of these settings, each with name, value and remedy; empty when all are valid.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new SettingErrors();
        errors.Require(Topic.Length > 0, "topic", Topic, "name the topic to read");
        errors.Require(GroupId.Length > 0, "group-id", GroupId, "name the consumer group");
        errors.RequireRange(MaxBatchRecords, 1, 1_000_000, "max-batch-records");
        errors.RequireRange(MaxBatchesInFlight, 1, 10_000, "max-batches-in-flight");
        errors.RequireRange(QueuedMaxKbytes, 64, 2_097_151, "queued-max-kbytes");
        errors.RequireRange(MaxPollInterval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1), "max-poll-interval");
        errors.RequireRange(SessionTimeout, TimeSpan.FromSeconds(1), MaxPollInterval, "session-timeout");
        errors.RequireRange(HeartbeatInterval, TimeSpan.FromMilliseconds(100), SessionTimeout / 3, "heartbeat-interval");
        errors.RequireRange(PauseAfter, TimeSpan.Zero, MaxPollInterval / 2, "pause-after");
        errors.RequireRange(RevokeDrainTimeout, TimeSpan.Zero, MaxPollInterval / 2, "revoke-drain-timeout");
        errors.RequireRange(CommitInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromDays(1), "commit-interval");
        errors.RequireRange(FetchWait, TimeSpan.Zero, TimeSpan.FromMinutes(5), "fetch-wait");
        errors.Require(Reset is not null, "auto-offset-reset", AutoOffsetReset, "use earliest or latest");
        return errors.All;
    }

    internal ConsumerConfig ToConfig(KafkaClientSettings client, bool withHeaders = false)
    {
        var config = client.Apply(
            new ConsumerConfig
            {
                GroupId = GroupId,
                AutoOffsetReset = Reset,
                // librdkafka commits stored offsets at the interval and when a partition leaves; a manual commit breaks cooperative
                // rebalances.
                EnableAutoCommit = true,
                EnableAutoOffsetStore = false,
                AutoCommitIntervalMs = (int)CommitInterval.TotalMilliseconds,
                PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
                SessionTimeoutMs = (int)SessionTimeout.TotalMilliseconds,
                HeartbeatIntervalMs = (int)HeartbeatInterval.TotalMilliseconds,
                MaxPollIntervalMs = (int)MaxPollInterval.TotalMilliseconds,
                FetchWaitMaxMs = (int)FetchWait.TotalMilliseconds,
                FetchMinBytes = 1,
                QueuedMaxMessagesKbytes = QueuedMaxKbytes,
                // The local queue is full whenever the consumer catches up; with the default it is checked only once per second.
                FetchQueueBackoffMs = 10,
                // The default waits half a second after an error, such as a leader change.
                FetchErrorBackoffMs = 100,
                // Creates no topic strings per record, and header lists only where they are read.
                ConsumeResultFields = withHeaders ? "timestamp,headers" : "timestamp",
                AllowAutoCreateTopics = false,
                TopicMetadataRefreshIntervalMs = 30_000,
            }
        );
        if (GroupInstanceId.Length > 0)
        {
            config.GroupInstanceId = GroupInstanceId;
        }

        return client.ApplyProperties(config);
    }

    private AutoOffsetReset? Reset =>
        AutoOffsetReset switch
        {
            "earliest" => Confluent.Kafka.AutoOffsetReset.Earliest,
            "latest" => Confluent.Kafka.AutoOffsetReset.Latest,
            _ => null,
        };
}
