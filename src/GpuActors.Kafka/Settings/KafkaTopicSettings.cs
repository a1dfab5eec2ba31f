namespace GpuActors.Kafka.Settings;

/// <summary>The requirements of topics.</summary>
public sealed record KafkaTopicSettings
{
    /// <summary>Partitions of every topic. Default 12; a constant of the cluster, since each partition is a shard.</summary>
    public int Partitions { get; init; } = 12;

    /// <summary>Replicas of topics that are created; -1 (default) for the broker's own default.</summary>
    public short ReplicationFactor { get; init; } = -1;

    /// <summary>Whether missing topics are created. Default true.</summary>
    public bool Create { get; init; } = true;

    /// <summary>
    /// Whether created topics use the broker's append time, from which alert latency is measured. Default true.
    /// </summary>
    public bool LogAppendTime { get; init; } = true;

    /// <summary>Longest wait for an answer. Default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Longest wait at the start until each partition has a leader. Default 2 min: brokers elect leaders within milliseconds, but within
    /// tens of seconds while they recover their logs or create topics on a slow disk.
    /// </summary>
    public TimeSpan LeaderTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The errors of these settings, each with name, value and remedy; empty when all are valid.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new SettingErrors();
        errors.RequireRange(Partitions, 1, 100_000, "partitions");
        errors.Require(
            ReplicationFactor is -1 or > 0,
            "replication-factor",
            ReplicationFactor,
            "give -1 for the broker's default, or at least 1"
        );
        errors.RequireRange(Timeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10), "timeout");
        errors.RequireRange(LeaderTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1), "leader-timeout");
        return errors.All;
    }
}
