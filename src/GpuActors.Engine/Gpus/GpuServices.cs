using Akka.Actor;
using GpuActors.Core.Rules;
using GpuActors.Core.Topology;
using GpuActors.Engine.Metrics;

namespace GpuActors.Engine.Gpus;

/// <summary>The services that the GPU actors of a node share.</summary>
/// <param name="Rules">Rules in force.</param>
/// <param name="Routes">The actors of this node, which enter themselves.</param>
/// <param name="Topology">Racks of hosts.</param>
/// <param name="Outbox">Takes alert transitions.</param>
/// <param name="Hosts">The region of hosts: takes reports, and determines why a GPU is absent.</param>
/// <param name="Checkpoints">Keeps states over restarts; null where checkpoints are switched off.</param>
/// <param name="Epochs">Logs when a GPU is active on this node.</param>
/// <param name="Metrics">Counters.</param>
/// <param name="Time">The clock for the time of detection; states never use it.</param>
internal sealed record GpuServices(
    RuleBook Rules,
    GpuRoutes Routes,
    FleetTopology Topology,
    IActorRef Outbox,
    IActorRef Hosts,
    IActorRef? Checkpoints,
    EpochLog Epochs,
    EngineMetrics Metrics,
    TimeProvider Time
);
