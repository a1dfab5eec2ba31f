using Akka.Actor;
using Akka.Event;
using GpuActors.Engine.Detect;
using GpuActors.Engine.Gpus;
using GpuActors.Engine.Streams;

namespace GpuActors.Engine.Composition;

/// <summary>
/// Runs the streams of DETECT: samples and kernel logs. Each restarts by itself, so that a fault of one does not affect the other.
/// </summary>
internal static class DetectStreams
{
    /// <returns>Completes when both sources have completed and every batch is acknowledged.</returns>
    public static Task Run(
        ActorSystem system,
        DetectOptions options,
        IActorRef gpus,
        GpuRoutes routes,
        Tickets tickets,
        LogClock clock,
        DetectPartitions partitions
    )
    {
        var acknowledger = system.ActorOf(tickets.Acknowledger(), "acknowledger");
        FeederServices Feeders(string topic) =>
            new(
                gpus,
                routes,
                tickets,
                acknowledger,
                new DeadLetterWriter(
                    new DeadLetterProducer(
                        options.DeadLetterProducer ?? options.Producer,
                        options.Detect.DeadLetterTopic,
                        topic,
                        options.Time
                    )
                ),
                options.Metrics,
                options.Detect.AcknowledgeTimeout,
                options.Partitions
            );

        var (sampleFeeders, logFeeders) = (Feeders(options.Topic), Feeders(options.LogTopic));
        var inFlight = options.Detect.BatchesInFlight;
        var log = Logging.GetLogger(system, "GpuActors.Detect");
        var (sampleWatch, logWatch) = (Watch(options.Topic), Watch(options.LogTopic));
        StreamWatch Watch(string topic) => new(DetectEngine.Role, topic, options.Metrics, log);
        var samples = PartitionStreams.RunWithRestarts(
            system,
            () => DetectStream.Create(options.Samples(), sampleFeeders, clock, inFlight, partitions, sampleWatch),
            sampleWatch.Failed
        );
        var logs = options.Logs is { } source
            ? PartitionStreams.RunWithRestarts(
                system,
                () => LogStream.Create(source(), logFeeders, inFlight, partitions.Logs, logWatch),
                logWatch.Failed
            )
            : Task.CompletedTask;
        return Task.WhenAll(samples, logs);
    }
}
