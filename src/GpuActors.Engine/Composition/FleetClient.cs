using Akka.Actor;
using GpuActors.Core.Gpus;
using GpuActors.Core.Samples;

namespace GpuActors.Engine.Composition;

/// <summary>
/// The fleet as seen from a node that hosts no GPU actors: a proxy of their region, and access to incidents and silences.
/// </summary>
public sealed class FleetClient
{
    private readonly IActorRef _gpus;

    private FleetClient(IActorRef gpus, AlertLifecycle lifecycle)
    {
        _gpus = gpus;
        Lifecycle = lifecycle;
    }

    /// <summary>Incidents, acknowledgements and silences.</summary>
    public AlertLifecycle Lifecycle { get; }

    /// <summary>
    /// Starts the proxies. The cluster need not have a node that detects yet. The system must have joined its cluster, without the role
    /// <c>detect</c>.
    /// </summary>
    public static async Task<FleetClient> StartAsync(ActorSystem system, FleetOptions options)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(options);
        var lifecycle = AlertLifecycle.Join(system, options.Incidents, options.Time);
        var gpus = await GpuRegion.StartProxyAsync(system, options.Partitions).ConfigureAwait(false);
        await lifecycle.Ready.ConfigureAwait(false);
        return new FleetClient(gpus, lifecycle);
    }

    /// <summary>The status of a GPU; null when it has never sent a sample.</summary>
    /// <exception cref="AskTimeoutException">No node that detects has answered in time.</exception>
    public Task<GpuStatus?> StatusAsync(GpuId gpu, TimeSpan timeout) => GpuStatusQuery.AskAsync(_gpus, gpu, timeout);
}
