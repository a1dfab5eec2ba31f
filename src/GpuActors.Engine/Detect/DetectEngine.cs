using Akka;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Akka.Event;
using Akka.Streams;
using Akka.Streams.Dsl;
using GpuActors.Core.Gpus;
using GpuActors.Core.Samples;
using GpuActors.Engine.Alerts;
using GpuActors.Engine.Checkpoints;
using GpuActors.Engine.Gpus;
using GpuActors.Engine.Hosts;
using GpuActors.Engine.Lifecycle;
using GpuActors.Engine.Sharding;
using GpuActors.Engine.Streams;
using static GpuActors.Engine.Gpus.GpuActorProtocol;

namespace GpuActors.Engine.Detect;

/// <summary>
/// DETECT on one node: the region of GPU actors, the outbox of their alerts, their checkpoint, and the streams that feed them. To stop:
/// stop the sources (the streams drain), await <see cref="Completion"/>, then <see cref="StopAsync"/>.
/// </summary>
public sealed class DetectEngine
{
    internal const string TypeName = "gpu";
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(30);

    private readonly ActorSystem _system;
    private readonly DetectOptions _options;
    private readonly IActorRef _region;
    private readonly IActorRef? _checkpoints;
    private readonly GpuRoutes _routes;
    private readonly Tickets _tickets;
    private readonly PartitionProgress _progress;

    private DetectEngine(ActorSystem system, DetectOptions options, IActorRef region, IActorRef? checkpoints, GpuRoutes routes, Tickets tickets, PartitionProgress progress, AlertLifecycle lifecycle, Task completion)
    {
        _system = system;
        _options = options;
        _region = region;
        _checkpoints = checkpoints;
        _routes = routes;
        _tickets = tickets;
        _progress = progress;
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
        var clock = new LogClock(options.Time);
        var checkpoints = options.Detect.Checkpoints ? system.ActorOf(CheckpointKeeper.Props(options.Partitions), "checkpoints") : null;
        var lifecycle = AlertLifecycle.Start(system, options);
        var outbox = system.ActorOf(AlertOutbox.Props(options.Alerts, lifecycle.Stamp, options.Producer, options.Metrics), "alert-outbox");
        var owners = new PartitionOwners(system);
        IActorRef? gpus = null;
        var hosts = await ClusterSharding.Get(system).StartAsync(
            "gpu-host",
            _ => HostActor.Props(options.Rules, () => gpus!),
            ClusterShardingSettings.Create(system),
            new HostMessageExtractor(options.Partitions)).ConfigureAwait(false);
        var services = new GpuServices(options.Rules, routes, outbox, hosts, checkpoints, options.Detect.CheckpointTimeout, options.Metrics, options.Time, lifecycle.Open);
        var region = await ClusterSharding.Get(system).StartAsync(
            TypeName,
            gpu => ShardProbe.IsId(gpu) ? ShardProbe.Props(HandOff.Instance) : GpuActor.Props(GpuId.Parse(gpu), services),
            ClusterShardingSettings.Create(system),
            new GpuMessageExtractor(options.Partitions),
            new PartitionAllocation(owners),
            HandOff.Instance).ConfigureAwait(false);
        gpus = region;
        var feeders = new FeederServices(region, routes, tickets, system.ActorOf(tickets.Acknowledger(), "acknowledger"),
            DeadLetters(options, options.Topic), options.Metrics, options.Detect.AcknowledgeTimeout);
        var progress = new PartitionProgress();
        var logProgress = new PartitionProgress();
        _ = system.ActorOf(NodeTicker.Props(options.Detect, routes, clock, options.Rules, checkpoints, options.Partitions, progress, logProgress), "node-ticker");
        // It has had the time that the region needed to start.
        await lifecycle.Ready.ConfigureAwait(false);
        var samples = Run(system, "DETECT", () => DetectStream.Create(options.Samples(), feeders, clock, options.Detect.BatchesInFlight, Assigned, progress));
        // Each stream restarts by itself: a fault of one does not make the other read again.
        var logFeeders = feeders with { DeadLetters = DeadLetters(options, options.LogTopic) };
        var logs = options.Logs is not { } source ? Task.CompletedTask : Run(system, "DETECT of kernel logs", () => LogStream.Create(
            source(), logFeeders, options.Detect.BatchesInFlight, partition => logProgress.Start(partition.Partition, partition.CommitUpTo), logProgress, progress));
        return new DetectEngine(system, options, region, checkpoints, routes, tickets, progress, lifecycle, Task.WhenAll(samples, logs));

        Task Assigned(PartitionSource<SampleBatch> partition)
        {
            owners.Take(partition.Partition);
            checkpoints?.Tell(new CheckpointProtocol.Reload(partition.Partition));
            progress.Start(partition.Partition, partition.CommitUpTo);
            var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _ = system.ActorOf(ShardArrival.Props(partition.Partition, region, Cluster.Get(system).SelfAddress.ToString(), arrived));
            return arrived.Task;
        }
    }

    /// <summary>What an operator sees of a GPU, wherever in the cluster its actor is; null when it has never sent a sample.</summary>
    public Task<GpuStatus?> StatusAsync(GpuId gpu, TimeSpan timeout) => GpuQuery.StatusAsync(_region, gpu, _options.Rules.Current, timeout);

    /// <summary>Writes every GPU's state to the checkpoint and hands the shards over. After <see cref="Completion"/>, before the node leaves.</summary>
    public async Task StopAsync()
    {
        if (_checkpoints is null)
        {
            return;
        }

        await Task.WhenAll(_progress.Partitions.Select(CheckpointAsync)).WaitAsync(FlushTimeout).ConfigureAwait(false);
    }

    private Task CheckpointAsync(int partition)
    {
        if (_progress.AppliedUpTo(partition) is not { } offset)
        {
            return Task.CompletedTask;
        }

        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = _system.ActorOf(CheckpointRound.Props(new CheckpointProtocol.Flush(partition, offset), _routes.OfShard(partition, _options.Partitions), _checkpoints!, _ => ended.SetResult()));
        return ended.Task;
    }

    private static Task Run(ActorSystem system, string name, Func<Source<Done, NotUsed>> create)
    {
        var log = Logging.GetLogger(system, "GpuActors.Detect");
        var restarts = RestartSettings.Create(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(10), 0.2);
        return RestartSource.OnFailuresWithBackoff(
                () => create().SelectError(e =>
                {
                    log.Warning("{0} failed and reads again from the committed offsets: {1}", name, e.Message);
                    return e;
                }),
                restarts)
            .RunWith(Sink.Ignore<Done>().MapMaterializedValue(t => (Task)t), system.Materializer());
    }

    private static DeadLetterWriter DeadLetters(DetectOptions options, string topic) => new(options.Producer, options.Detect.DeadLetterTopic, topic, options.Time);
}
