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

    /// <summary>Longest wait for an answer. Default 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

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
        return errors.All;
    }
}
