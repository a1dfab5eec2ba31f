using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
using GpuActors.Engine.Notify;

namespace GpuActors.Engine.Composition;

/// <summary>NOTIFY on one node: active or waiting for its turn. Of all nodes with the role <c>notify</c> one is active.</summary>
public static class NotifyEngine
{
    internal const string Role = "notify";
    internal const string Name = "notify";
    internal const string Singleton = "one";

    /// <summary>Starts it. The system must have joined its cluster, with the role <c>notify</c>.</summary>
    public static void Start(ActorSystem system, NotifyOptions options)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(options);
        _ = system.ActorOf(
            ClusterSingletonManager.Props(
                NotifyActor.Props(options),
                PoisonPill.Instance,
                ClusterSingletonManagerSettings.Create(system).WithRole(Role).WithSingletonName(Singleton)
            ),
            Name
        );
    }
}
