using Akka;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using Akka.Streams;
using Akka.Streams.Dsl;
using GpuActors.Core.Gpus;
using GpuActors.Core.Samples;
using GpuActors.Engine.Alerts;
using GpuActors.Engine.Detect;
using GpuActors.Engine.Gpus;
using GpuActors.Engine.Hosts;
using GpuActors.Engine.Shards;
using static GpuActors.Engine.Protocol.GpuActorProtocol;

namespace GpuActors.Engine.Composition;

/// <summary>
/// DETECT on one node: the region of GPU actors, the outbox of their alerts, their checkpoint, and the streams that feed them. To stop:
/// stop the sources (the streams drain), await <see cref="Completion"/>, then <see cref="StopAsync"/>.
/// </summary>
public sealed class DetectEngine
{
    internal const string TypeName = "gpu";
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(30);

    private readonly DetectOptions _options;
    private readonly IActorRef _region;
    private readonly GpuRoutes _routes;
    private readonly Tickets _tickets;
    private readonly DetectPartitions _partitions;

    private DetectEngine(
        DetectOptions options,
        IActorRef region,
        GpuRoutes routes,
        Tickets tickets,
        DetectPartitions partitions,
        AlertLifecycle lifecycle,
        Task completion
    )
    {
        _options = options;
        _region = region;
        _routes = routes;
        _tickets = tickets;
        _partitions = partitions;
        Lifecycle = lifecycle;
        Completion = completion;
    }

    /// <summary>Ends when the sources have completed and every batch is acknowledged.</summary>
    public Task Completion { get; }

    /// <summary>Incidents, acknowledgements and silences.</summary>
    public AlertLifecycle Lifecycle { get; }

    /// <summary>GPUs whose actors are on this node.</summary>
    public int Gpus => _routes.Count;

    /// <summary>Batches handed out and not yet acknowledged.</summary>
    public int BatchesInFlight => _tickets.Count;

    /// <summary>Starts everything. The system must have joined its cluster, with the role <c>detect</c>.</summary>
    public static async Task<DetectEngine> StartAsync(ActorSystem system, DetectOptions options)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(options);
        var routes = new GpuRoutes(options.Registry);
        var tickets = new Tickets();
        var clock = new LogClock(options.Time, options.Partitions);
        var ends = new AlertEnds(options.Partitions);
        var lifecycle = AlertLifecycle.Start(system, options);
        var outbox = system.ActorOf(
            AlertOutbox.Props(options.Alerts, lifecycle.Stamp, options.Producer, options.Metrics, ends, options.Partitions),
            "alert-outbox"
        );
        var checkpoints = options.Detect.Checkpoints
            ? system.ActorOf(
                CheckpointKeeper.Props(
                    options.Partitions,
                    new ShardMemoryOptions(
                        options.Checkpoints
                            ?? throw new ArgumentException("Checkpoints are on and there is no store for them", nameof(options)),
                        outbox,
                        ends,
                        options.History,
                        options.Alerts.RememberedTransitions,
                        options.Detect.CheckpointTimeout,
                        options.Time
                    )
                ),
                "checkpoints"
            )
            : null;
        var owners = new PartitionOwners(system);
        IActorRef? gpus = null;
        DetectPartitions? partitions = null;
        var hosts = await ClusterSharding
            .Get(system)
            .StartAsync(
                "gpu-host",
                _ => HostActor.Props(options.Rules, () => gpus!),
                ClusterShardingSettings.Create(system),
                new HostMessageExtractor(options.Partitions)
            )
            .ConfigureAwait(false);
        var services = new GpuServices(
            options.Rules,
            routes,
            outbox,
            hosts,
            checkpoints,
            new EpochLog(system, Akka.Cluster.Cluster.Get(system).SelfAddress.ToString()),
            options.Metrics,
            options.Time,
            lifecycle.Open
        );
        var region = await ClusterSharding
            .Get(system)
            .StartAsync(
                TypeName,
                gpu =>
                    ShardProbe.IsId(gpu)
                        ? ShardProbe.Props(HandOff.Instance, shard => partitions!.KeepAsync(shard))
                        : GpuActor.Props(GpuId.Parse(gpu), services),
                ClusterShardingSettings.Create(system),
                new GpuMessageExtractor(options.Partitions),
                new PartitionAllocation(owners),
                HandOff.Instance
            )
            .ConfigureAwait(false);
        gpus = region;
        var feeders = new FeederServices(
            region,
            routes,
            tickets,
            system.ActorOf(tickets.Acknowledger(), "acknowledger"),
            DeadLetters(options, options.Topic),
            options.Metrics,
            options.Detect.AcknowledgeTimeout,
            options.Partitions
        );
        partitions = new DetectPartitions(
            system,
            region,
            owners,
            routes,
            checkpoints,
            outbox,
            ends,
            options.LogFollowing,
            options.Partitions
        );
        _ = system.ActorOf(NodeTicker.Props(options.Detect, routes, clock, options.Rules, partitions, options.Partitions), "node-ticker");
        // It has had the time that the region needed to start.
        await lifecycle.Ready.ConfigureAwait(false);
        var samples = Run(
            system,
            "DETECT",
            () => DetectStream.Create(options.Samples(), feeders, clock, options.Detect.BatchesInFlight, partitions)
        );
        // Each stream restarts by itself: a fault of one does not make the other read again.
        var logFeeders = feeders with
        {
            DeadLetters = DeadLetters(options, options.LogTopic),
        };
        var logs = options.Logs is not { } source
            ? Task.CompletedTask
            : Run(
                system,
                "DETECT of kernel logs",
                () => LogStream.Create(source(), logFeeders, options.Detect.BatchesInFlight, partitions.Logs)
            );
        return new DetectEngine(options, region, routes, tickets, partitions, lifecycle, Task.WhenAll(samples, logs));
    }

    /// <summary>What an operator sees of a GPU, wherever in the cluster its actor is; null when it has never sent a sample.</summary>
    public Task<GpuStatus?> StatusAsync(GpuId gpu, TimeSpan timeout) => GpuQuery.StatusAsync(_region, gpu, _options.Rules.Current, timeout);

    /// <summary>Writes a checkpoint of every partition that its source has not taken back in good order, and hands the shards over. After <see cref="Completion"/>, before the node leaves.</summary>
    public async Task StopAsync()
    {
        await _partitions.ReleaseAllAsync().WaitAsync(FlushTimeout).ConfigureAwait(false);
        await _partitions.HandOverAsync().ConfigureAwait(false);
    }

    private static Task Run(ActorSystem system, string name, Func<Source<Done, NotUsed>> create)
    {
        var log = Logging.GetLogger(system, "GpuActors.Detect");
        var restarts = RestartSettings.Create(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(10), 0.2);
        return RestartSource
            .OnFailuresWithBackoff(
                () =>
                    create()
                        .SelectError(e =>
                        {
                            log.Warning("{0} failed and reads again from the committed offsets: {1}", name, e.GetBaseException().Message);
                            return e;
                        }),
                restarts
            )
            .RunWith(Sink.Ignore<Done>().MapMaterializedValue(t => (Task)t), system.Materializer());
    }

    private static DeadLetterWriter DeadLetters(DetectOptions options, string topic) =>
        new(options.DeadLetterProducer ?? options.Producer, options.Detect.DeadLetterTopic, topic, options.Time);
}
