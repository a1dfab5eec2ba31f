using Akka.Actor;
using Akka.Event;
using static GpuActors.Engine.Protocol.ShardProtocol;

namespace GpuActors.Engine.Shards;

/// <summary>
/// Waits until a shard is on this node. Sharding drops messages while a shard moves, and a GPU that has seen a later sample would skip an
/// earlier one that is sent again: so no samples are sent before the shard is here.
/// </summary>
internal sealed class ShardArrival : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(100);
    private const int WarnEvery = 100;

    private readonly int _shard;
    private readonly IActorRef _region;
    private readonly PartitionOwners _owners;
    private readonly string _node;
    private readonly TaskCompletionSource _arrived;
    private readonly CancellationToken _leaving;
    private int _asked;

    public ShardArrival(
        int shard,
        IActorRef region,
        PartitionOwners owners,
        string node,
        TaskCompletionSource arrived,
        CancellationToken leaving
    )
    {
        _shard = shard;
        _region = region;
        _owners = owners;
        _node = node;
        _arrived = arrived;
        _leaving = leaving;
        Receive<Here>(here => here.Node == node, _ => Context.Stop(Self));
        Receive<Here>(_ => { });
        Receive<Ask>(_ => AskAgain());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <param name="shard">The shard.</param>
    /// <param name="region">The region of GPUs.</param>
    /// <param name="owners">The owners of partitions: corrected if they name another node.</param>
    /// <param name="node">This node's address.</param>
    /// <param name="arrived">Completed when the shard is here, or when the partition leaves.</param>
    /// <param name="leaving">Cancelled when the partition leaves.</param>
    public static Props Props(
        int shard,
        IActorRef region,
        PartitionOwners owners,
        string node,
        TaskCompletionSource arrived,
        CancellationToken leaving
    ) => Akka.Actor.Props.Create(() => new ShardArrival(shard, region, owners, node, arrived, leaving));

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer("ask", Ask.Instance, AskEvery);
        AskAgain();
    }

    protected override void PostStop() => _arrived.TrySetResult();

    private void AskAgain()
    {
        if (_leaving.IsCancellationRequested)
        {
            Context.Stop(Self);
            return;
        }

        // When two nodes take a partition almost at the same time, or two parts of a cluster merge, the entry of the node that does not
        // consume it may have won.
        if (_owners.Of(_shard) != _node)
        {
            _owners.Take(_shard);
        }

        _region.Tell(new WhereIs(_shard));
        if (++_asked % WarnEvery == 0)
        {
            Context
                .GetLogger()
                .Warning(
                    "Partition {0} has been waiting for {1} s for its shard to move to this node",
                    _shard,
                    _asked * AskEvery.TotalSeconds
                );
        }
    }

    private sealed record Ask : INotInfluenceReceiveTimeout
    {
        public static Ask Instance { get; } = new();
    }
}
