using Akka;
using Akka.Streams.Dsl;
using GpuActors.Core.Alerts;
using GpuActors.Core.Messaging;
using GpuActors.Core.Predictions;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;
using GpuActors.Engine.Metrics;

namespace GpuActors.Engine.Store;

/// <summary>What STORE needs of its surroundings.</summary>
public sealed record StoreOptions
{
    /// <summary>Makes the source of samples, which starts at the offsets of the database; called again after a failure.</summary>
    public required Func<Source<IPartitionBatches<SampleBatch>, NotUsed>> Samples { get; init; }

    /// <summary>Makes the source of alerts; likewise.</summary>
    public required Func<Source<IPartitionBatches<FactBatch<AlertTransition>>, NotUsed>> Alerts { get; init; }

    /// <summary>Makes the source of predictions; likewise.</summary>
    public required Func<Source<IPartitionBatches<FactBatch<FailurePrediction>>, NotUsed>> Predictions { get; init; }

    /// <summary>Topic of the samples.</summary>
    public required string SampleTopic { get; init; }

    /// <summary>Topic of the alerts.</summary>
    public required string AlertTopic { get; init; }

    /// <summary>Topic of the predictions.</summary>
    public required string PredictionTopic { get; init; }

    /// <summary>The database.</summary>
    public required ITelemetryStore Store { get; init; }

    /// <summary>Tells errors that pass from those that do not.</summary>
    public required Func<Exception, bool> IsTransient { get; init; }

    /// <summary>Bounds and intervals.</summary>
    public StoreSettings Settings { get; init; } = new();

    /// <summary>Counters.</summary>
    public required EngineMetrics Metrics { get; init; }

    /// <summary>The clock of pauses between tries.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
