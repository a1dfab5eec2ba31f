using Akka;
using Akka.Streams.Dsl;
using GpuActors.Core.Incidents;
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

/// <summary>What DETECT needs of its surroundings.</summary>
public sealed record DetectOptions
{
    /// <summary>Makes the source of samples; called again after a failure, when it must read on from the committed offsets.</summary>
    public required Func<Source<IPartitionBatches<SampleBatch>, NotUsed>> Samples { get; init; }

    /// <summary>Makes the source of kernel log lines, in the same way; null (default) for none.</summary>
    public Func<Source<IPartitionBatches<KernelLogBatch>, NotUsed>>? Logs { get; init; }

    /// <summary>Makes that source read the partitions that samples are read of; null (default) when it decides by itself.</summary>
    public LogFollowing? LogFollowing { get; init; }

    /// <summary>Keeps the states of GPUs; required unless <see cref="DetectSettings.Checkpoints"/> is off. The caller disposes it.</summary>
    public ICheckpointStore? Checkpoints { get; init; }

    /// <summary>Reads back what was published before; null (default) for nothing.</summary>
    public IAlertHistory? History { get; init; }

    /// <summary>Takes alerts.</summary>
    public required IRecordProducer Producer { get; init; }

    /// <summary>
    /// Takes dead letters: many at a time when a producer has gone wrong, so that they may wait for each other; null (default) for
    /// <see cref="Producer"/>.
    /// </summary>
    public IRecordProducer? DeadLetterProducer { get; init; }

    /// <summary>Interns GPUs: the registry that the source's decoder uses.</summary>
    public required GpuRegistry Registry { get; init; }

    /// <summary>Partitions of the topics: the number of shards.</summary>
    public required int Partitions { get; init; }

    /// <summary>The topic of samples, for the headers of dead letters.</summary>
    public required string Topic { get; init; }

    /// <summary>The topic of kernel log lines, likewise. Default <c>gpu-logs</c>.</summary>
    public string LogTopic { get; init; } = "gpu-logs";

    /// <summary>Rules in force.</summary>
    public required RuleBook Rules { get; init; }

    /// <summary>Bounds and intervals.</summary>
    public DetectSettings Detect { get; init; } = new();

    /// <summary>How alerts are published.</summary>
    public AlertSettings Alerts { get; init; } = new();

    /// <summary>When alerts become incidents.</summary>
    public IncidentSettings Incidents { get; init; } = new();

    /// <summary>Topic of incidents' records.</summary>
    public string IncidentTopic { get; init; } = "gpu-incidents";

    /// <summary>Where hosts stand: labels of alerts.</summary>
    public TopologySettings Topology { get; init; } = new();

    /// <summary>Counters.</summary>
    public required EngineMetrics Metrics { get; init; }

    /// <summary>The clock that stamps detection.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
