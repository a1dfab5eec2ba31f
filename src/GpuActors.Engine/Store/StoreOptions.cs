using Akka;
using Akka.Streams.Dsl;
using GpuActors.Core.Alerts;
using GpuActors.Core.Messaging;
using GpuActors.Core.Predictions;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;
using GpuActors.Engine.Metrics;

namespace GpuActors.Engine.Store;

/// <summary>The services and settings of STORE.</summary>
public sealed record StoreOptions
{
    /// <summary>Creates the source of samples, which starts at the offsets in the database; called again after a failure.</summary>
    public required Func<Source<IPartitionBatches<SampleBatch>, NotUsed>> Samples { get; init; }

    /// <summary>Creates the source of alerts, in the same way.</summary>
    public required Func<Source<IPartitionBatches<FactBatch<AlertTransition>>, NotUsed>> Alerts { get; init; }

    /// <summary>Creates the source of predictions, in the same way.</summary>
    public required Func<Source<IPartitionBatches<FactBatch<FailurePrediction>>, NotUsed>> Predictions { get; init; }

    /// <summary>Topic of the samples.</summary>
    public required string SampleTopic { get; init; }

    /// <summary>Topic of the alerts.</summary>
    public required string AlertTopic { get; init; }

    /// <summary>Topic of the predictions.</summary>
    public required string PredictionTopic { get; init; }

    /// <summary>Producer of the dead letters of rows that the database refuses.</summary>
    public required IRecordProducer DeadLetters { get; init; }

    /// <summary>Topic of the dead letters.</summary>
    public required string DeadLetterTopic { get; init; }

    /// <summary>The database.</summary>
    public required ITelemetryStore Store { get; init; }

    /// <summary>Whether an error is transient, so that the write is tried again.</summary>
    public required Func<Exception, bool> IsTransient { get; init; }

    /// <summary>Bounds and intervals.</summary>
    public StoreSettings Settings { get; init; } = new();

    /// <summary>Counters.</summary>
    public required EngineMetrics Metrics { get; init; }

    /// <summary>The clock of the pauses between attempts.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
