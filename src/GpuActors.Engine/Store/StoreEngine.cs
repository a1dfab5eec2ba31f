using Akka;
using Akka.Actor;
using Akka.Event;
using Akka.Streams.Dsl;
using GpuActors.Core.Codecs;
using GpuActors.Engine.Streams;

namespace GpuActors.Engine.Store;

/// <summary>
/// STORE on one node: writes samples, alerts and predictions from the log into the database. To stop it, stop the sources (the streams
/// write the rows that they hold), await <see cref="Completion"/>, then dispose.
/// </summary>
public sealed class StoreEngine : IDisposable
{
    private readonly CancellationTokenSource _giveUp;

    private StoreEngine(CancellationTokenSource giveUp, Task completion)
    {
        _giveUp = giveUp;
        Completion = completion;
    }

    /// <summary>Completes when all sources have completed and all their rows are written.</summary>
    public Task Completion { get; }

    /// <summary>Starts the streams.</summary>
    public static StoreEngine Start(ActorSystem system, StoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(options);
        var log = Logging.GetLogger(system, "GpuActors.Store");
        var giveUp = new CancellationTokenSource();
        StoreWriter Writer(string topic) =>
            new(
                options.Settings,
                options.IsTransient,
                options.Metrics,
                options.Time,
                log,
                new StreamWatch("store", topic, options.Metrics, log),
                topic,
                new DeadLetterProducer(options.DeadLetters, options.DeadLetterTopic, topic, options.Time),
                giveUp.Token
            );

        var samples = Run(
            system,
            new StreamWatch("store", options.SampleTopic, options.Metrics, log),
            () =>
                StoreStream.Samples(
                    options.Samples(),
                    options.SampleTopic,
                    options.Store,
                    Writer(options.SampleTopic),
                    options.Settings,
                    options.Metrics
                ),
            giveUp.Token
        );
        var alerts = Run(
            system,
            new StreamWatch("store", options.AlertTopic, options.Metrics, log),
            () =>
                StoreStream.Facts(
                    options.Alerts(),
                    options.AlertTopic,
                    "alerts",
                    options.Store.WriteAlertsAsync,
                    alert => (alert.Gpu, AlertCodec.Encode(alert)),
                    Writer(options.AlertTopic)
                ),
            giveUp.Token
        );
        var predictions = Run(
            system,
            new StreamWatch("store", options.PredictionTopic, options.Metrics, log),
            () =>
                StoreStream.Facts(
                    options.Predictions(),
                    options.PredictionTopic,
                    "predictions",
                    options.Store.WritePredictionsAsync,
                    prediction => (prediction.Gpu, PredictionCodec.Encode(prediction)),
                    Writer(options.PredictionTopic)
                ),
            giveUp.Token
        );
        return new StoreEngine(giveUp, Task.WhenAll(samples, alerts, predictions));
    }

    /// <summary>Abandons writes that have not succeeded: their rows stay in the log and are written after the next start.</summary>
    public void GiveUp() => _giveUp.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _giveUp.Dispose();

    private static Task Run(ActorSystem system, StreamWatch watch, Func<Source<int, NotUsed>> create, CancellationToken giveUp) =>
        PartitionStreams.RunWithRestarts(system, () => giveUp.IsCancellationRequested ? Source.Empty<int>() : create(), watch.Failed);
}
