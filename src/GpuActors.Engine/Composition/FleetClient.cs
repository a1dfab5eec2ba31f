using Akka.Actor;
using GpuActors.Core.Gpus;
using GpuActors.Core.Samples;

namespace GpuActors.Engine.Composition;

/// <summary>
/// The fleet as seen from a node that hosts no GPU actors: a proxy of their region.
/// </summary>
public sealed class FleetClient
{
    private readonly IActorRef _gpus;
    private readonly int _partitions;

    private FleetClient(IActorRef gpus, int partitions) => (_gpus, _partitions) = (gpus, partitions);

    /// <summary>
    /// Starts the proxy. The cluster need not have a node that detects yet. The system must have joined its cluster, without the role
    /// <c>detect</c>.
    /// </summary>
    /// <param name="system">The system.</param>
    /// <param name="partitions">Partitions of the topics, which is the number of shards; as on the nodes that detect.</param>
    public static async Task<FleetClient> StartAsync(ActorSystem system, int partitions)
    {
        ArgumentNullException.ThrowIfNull(system);
        return new FleetClient(await GpuRegion.StartProxyAsync(system, partitions).ConfigureAwait(false), partitions);
    }

    /// <summary>The status of a GPU; null when it has never sent a sample.</summary>
    /// <exception cref="AskTimeoutException">No node that detects has answered in time.</exception>
    public Task<GpuStatus?> StatusAsync(GpuId gpu, TimeSpan timeout) => GpuStatusQuery.AskAsync(_gpus, gpu, timeout);

    /// <summary>Takes GPUs out of the fleet.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="AskTimeoutException">Some nodes have not answered in time; the command can be repeated.</exception>
    public Task<int> RetireAsync(RetireScope scope, string name, TimeSpan timeout) =>
        FleetRetirement.RetireAsync(_gpus, _partitions, scope, name, timeout);
}
