using Akka.Actor;
using Akka.Cluster.Sharding;
using GpuActors.Core.Gpus;
using GpuActors.Core.Samples;
using GpuActors.Engine.Shards;

namespace GpuActors.Engine.Composition;

/// <summary>
/// The fleet as seen from a node that has no GPU's actor itself: the region's proxy, and the ways to incidents and silences.
/// </summary>
public sealed class FleetClient
{
    private readonly IActorRef _gpus;
    private readonly FleetOptions _options;

    private FleetClient(IActorRef gpus, FleetOptions options, AlertLifecycle lifecycle)
    {
        _gpus = gpus;
        _options = options;
        Lifecycle = lifecycle;
    }

    /// <summary>Incidents, acknowledgements and silences.</summary>
    public AlertLifecycle Lifecycle { get; }

    /// <summary>
    /// Starts the ways to the nodes that detect; there need be none yet. The system must have joined its cluster, without the role
    /// <c>detect</c>.
    /// </summary>
    public static async Task<FleetClient> StartAsync(ActorSystem system, FleetOptions options)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(options);
        var lifecycle = AlertLifecycle.Join(system, options.Incidents, options.Time);
        var gpus = await ClusterSharding
            .Get(system)
            .StartProxyAsync(DetectEngine.TypeName, AlertLifecycle.Role, new GpuMessageExtractor(options.Partitions))
            .ConfigureAwait(false);
        await lifecycle.Ready.ConfigureAwait(false);
        return new FleetClient(gpus, options, lifecycle);
    }

    /// <summary>What an operator sees of a GPU; null when it has never sent a sample.</summary>
    /// <exception cref="AskTimeoutException">No node that detects has answered in time.</exception>
    public Task<GpuStatus?> StatusAsync(GpuId gpu, TimeSpan timeout) => GpuQuery.StatusAsync(_gpus, gpu, _options.Rules.Current, timeout);
}
