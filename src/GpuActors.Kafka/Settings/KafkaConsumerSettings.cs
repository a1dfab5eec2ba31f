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
    /// Name of this member for static membership (<c>group.instance.id</c>), unique in the group: a process that comes back under the same
    /// name, or that was out of the brokers' reach, gets its partitions back at once instead of after <see cref="SessionTimeout"/>. One
    /// that stops in good order leaves at once all the same. Empty (default) for an ordinary member.
    /// </summary>
    public string GroupInstanceId { get; init; } = "";

    /// <summary>
    /// Most records that one round of polling takes, and so the largest batch. Default 2,000: a millisecond or two of work, so that a batch
    /// is never late.
    /// </summary>
    public int MaxBatchRecords { get; init; } = 2_000;

    /// <summary>
    /// Batches of one partition that may be on their way before the consumer stops reading it. Default 8; bounds memory and what a revoke
    /// has to wait for.
    /// </summary>
    public int MaxBatchesInFlight { get; init; } = 8;

    /// <summary>
    /// How long one full partition may hold up the others before it is paused. Default 2 s: pausing throws away what was fetched ahead, so
    /// it must be rare; and polling must never stop for long.
    /// </summary>
    public TimeSpan PauseAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// After this long without a heartbeat the group takes a member for dead. Default 14 s: a group whose coordinator dies hears of its
    /// successor after 10 s or more, and a node's shards are free as late (librdkafka's 45 s would be a 45 s gap in alerts).
    /// </summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(14);

    /// <summary>
    /// How often a member shows that it lives. Default 500 ms: the answer is also how it hears that partitions are to be shared out anew,
    /// so alerts wait for it at each start and stop of a node.
    /// </summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>After this long without polling a member leaves the group. Default 5 min.</summary>
    public TimeSpan MaxPollInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a revoke or a stop waits for batches on their way. Default 5 s; the whole group's rebalance waits with it.
    /// </summary>
    public TimeSpan RevokeDrainTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often stored offsets are committed. Default 1 s: what a killed process reads again.</summary>
    public TimeSpan CommitInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Longest a broker holds a fetch when it has nothing. Default 500 ms; data that arrives meanwhile is answered at once.
    /// </summary>
    public TimeSpan FetchWait { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Records fetched ahead, in KiB over all partitions. Default 32,768 (32 MiB): about 30,000 samples, a tenth of a second of catching
    /// up.
    /// </summary>
    public int QueuedMaxKbytes { get; init; } = 32_768;

    /// <summary>Where to start without a committed offset: <c>earliest</c> (default: nothing is missed) or <c>latest</c>.</summary>
    public string AutoOffsetReset { get; init; } = "earliest";

    /// <summary>
    /// False (default): a batch that is done moves the committed offset past it. True: only
    /// <see cref="Core.Messaging.IAssignedPartition.CommitUpTo"/> does, for a reader whose state is safe at checkpoints only; done
    /// then merely frees the batch.
    /// </summary>
    public bool ManualCommit { get; init; }

    /// <summary>What is wrong with these settings: one sentence each, with name, value and remedy. Empty when nothing is.</summary>
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
                // librdkafka commits what is stored, at the interval and when a partition goes; a manual commit breaks cooperative
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
                // A full local queue is the normal state when catching up; the default looks again only after a second.
                FetchQueueBackoffMs = 10,
                // After an error (a leader that moves) the default waits half a second.
                FetchErrorBackoffMs = 100,
                // No topic strings are made for a record, and header lists only where somebody reads them.
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
