using Akka.Actor;
using Akka.Cluster;
using GpuActors.Core.Gpus;
using GpuActors.Core.Samples;
using GpuActors.Core.Topology;
using GpuActors.Engine.Alerts;
using GpuActors.Engine.Detect;
using GpuActors.Engine.Gpus;
using GpuActors.Engine.Shards;

namespace GpuActors.Engine.Composition;

/// <summary>
/// DETECT on one node: the region of GPU actors, the outbox of their alerts, their checkpoints, and the streams that feed them. To stop it,
/// stop the sources (the streams drain), await <see cref="Completion"/>, then call <see cref="StopAsync"/>.
/// </summary>
public sealed class DetectEngine
{
    internal const string Role = "detect";
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(30);

    private readonly IActorRef _gpus;
    private readonly int _shards;
    private readonly GpuRoutes _routes;
    private readonly Tickets _tickets;
    private readonly DetectPartitions _partitions;

    private DetectEngine(IActorRef gpus, int shards, GpuRoutes routes, Tickets tickets, DetectPartitions partitions, Task completion)
    {
        _gpus = gpus;
        _shards = shards;
        _routes = routes;
        _tickets = tickets;
        _partitions = partitions;
        Completion = completion;
    }

    /// <summary>Completes when the sources have completed and every batch is acknowledged.</summary>
    public Task Completion { get; }

    /// <summary>Number of GPUs whose actors are on this node.</summary>
    public int Gpus => _routes.Count;

    /// <summary>Number of batches that were handed out and are not acknowledged yet.</summary>
    public int BatchesInFlight => _tickets.Count;

    /// <summary>Starts everything. The system must have joined its cluster, with the role <c>detect</c>.</summary>
    public static async Task<DetectEngine> StartAsync(ActorSystem system, DetectOptions options)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(options);
        var tickets = new Tickets();
        var routes = new GpuRoutes(options.Registry);
        var ends = new AlertEnds(options.Partitions);
        var owners = new PartitionOwners(system);

        var outbox = StartOutbox(system, options, ends);
        var keeper = StartCheckpointKeeper(system, options, outbox, ends);
        var checkpoints = new ShardCheckpoints(routes, keeper, outbox, ends, options.Partitions);

        var hosts = await HostRegion.StartAsync(system, options.Rules, options.Partitions).ConfigureAwait(false);
        var gpus = await GpuRegion
            .StartAsync(
                system,
                options.Partitions,
                owners,
                new ShardServices(() => GpuRegion.Of(system), checkpoints.KeepAsync, checkpoints.ArrivalOf),
                new GpuServices(
                    options.Rules,
                    routes,
                    new FleetTopology(options.Topology),
                    outbox,
                    hosts,
                    keeper,
                    new EpochLog(system, Cluster.Get(system).SelfAddress.ToString()),
                    options.Metrics,
                    options.Time
                )
            )
            .ConfigureAwait(false);

        var partitions = new DetectPartitions(
            system,
            gpus,
            owners,
            routes,
            checkpoints,
            outbox,
            options.LogFollowing,
            options.Metrics,
            options.Partitions
        );
        var clock = new LogClock(options.Time, options.Partitions);
        var absence = new AbsenceWatch(routes, clock, options.Partitions, options.Replicas);
        _ = system.ActorOf(NodeTicker.Props(options.Detect, clock, absence, partitions, options.Partitions), "node-ticker");

        var completion = DetectStreams.Run(system, options, gpus, routes, tickets, clock, partitions);
        return new DetectEngine(gpus, options.Partitions, routes, tickets, partitions, completion);
    }

    /// <summary>The status of a GPU, on whichever node its actor is; null when it has never sent a sample.</summary>
    /// <exception cref="AskTimeoutException">No node has answered in time: the GPU's shard is moving, or its partition is not
    /// consumed.</exception>
    public Task<GpuStatus?> StatusAsync(GpuId gpu, TimeSpan timeout) => GpuStatusQuery.AskAsync(_gpus, gpu, timeout);

    /// <summary>Takes GPUs out of the fleet, on whichever node their actors are.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="AskTimeoutException">Some nodes have not answered in time; the command can be repeated.</exception>
    public Task<int> RetireAsync(RetireScope scope, string name, TimeSpan timeout) =>
        FleetRetirement.RetireAsync(_gpus, _shards, scope, name, timeout);

    /// <summary>
    /// Writes a checkpoint of every partition that has not left in good order yet, and hands the shards over. To be called after
    /// <see cref="Completion"/> and before the node leaves the cluster.
    /// </summary>
    public async Task StopAsync()
    {
        await _partitions.ReleaseAllAsync().WaitAsync(FlushTimeout).ConfigureAwait(false);
        await _partitions.HandOverAsync().ConfigureAwait(false);
    }

    private static IActorRef StartOutbox(ActorSystem system, DetectOptions options, AlertEnds ends) =>
        system.ActorOf(
            AlertOutbox.Props(
                options.Alerts,
                new FleetTopology(options.Topology),
                options.Producer,
                options.Metrics,
                ends,
                options.Partitions
            ),
            "alert-outbox"
        );

    // Null where checkpoints are switched off.
    private static IActorRef? StartCheckpointKeeper(ActorSystem system, DetectOptions options, IActorRef outbox, AlertEnds ends) =>
        options.Detect.Checkpoints
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
}
