using Akka;
using Akka.Streams.Dsl;
using GpuActors.Core.Logs;
using GpuActors.Core.Messaging;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;
using GpuActors.Core.Topology;
using GpuActors.Engine.Alerts;
using GpuActors.Engine.Detect;
using GpuActors.Engine.Metrics;

namespace GpuActors.Engine.Composition;

/// <summary>The services and settings of DETECT.</summary>
public sealed record DetectOptions
{
    /// <summary>Creates the source of samples; called again after a failure, when it must continue from the committed offsets.</summary>
    public required Func<Source<IPartitionBatches<SampleBatch>, NotUsed>> Samples { get; init; }

    /// <summary>Creates the source of kernel log lines, in the same way; null (default) for none.</summary>
    public Func<Source<IPartitionBatches<KernelLogBatch>, NotUsed>>? Logs { get; init; }

    /// <summary>Makes that source read the same partitions as the source of samples; null (default) when it needs no instruction.</summary>
    public LogFollowing? LogFollowing { get; init; }

    /// <summary>
    /// Stores the states of GPUs; required unless <see cref="DetectSettings.Checkpoints"/> is off. The caller disposes of it.
    /// </summary>
    public ICheckpointStore? Checkpoints { get; init; }

    /// <summary>Reads the alerts published before; null (default) for none.</summary>
    public IAlertHistory? History { get; init; }

    /// <summary>Publishes alerts.</summary>
    public required IRecordProducer Producer { get; init; }

    /// <summary>
    /// Takes dead letters, which a faulty sender causes in large numbers, so that they should be batched; null (default) for
    /// <see cref="Producer"/>.
    /// </summary>
    public IRecordProducer? DeadLetterProducer { get; init; }

    /// <summary>The GPU identities: the registry that the decoder of the source uses.</summary>
    public required GpuRegistry Registry { get; init; }

    /// <summary>Partitions of the topics: the number of shards.</summary>
    public required int Partitions { get; init; }

    /// <summary>
    /// Fewest replicas of a partition of the topic of samples. Default 3: a leader with followers may expose no records for a while.
    /// </summary>
    public int Replicas { get; init; } = 3;

    /// <summary>The topic of samples, for the headers of dead letters.</summary>
    public required string Topic { get; init; }

    /// <summary>The topic of kernel log lines, for the same headers. Default <c>gpu-logs</c>.</summary>
    public string LogTopic { get; init; } = "gpu-logs";

    /// <summary>Rules in force.</summary>
    public required RuleBook Rules { get; init; }

    /// <summary>Bounds and intervals.</summary>
    public DetectSettings Detect { get; init; } = new();

    /// <summary>How alerts are published.</summary>
    public AlertSettings Alerts { get; init; } = new();

    /// <summary>Location of hosts, for the labels of alerts.</summary>
    public TopologySettings Topology { get; init; } = new();

    /// <summary>Counters.</summary>
    public required EngineMetrics Metrics { get; init; }

    /// <summary>The clock for the time of detection.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
