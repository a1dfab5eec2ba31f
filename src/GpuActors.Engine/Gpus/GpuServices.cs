using Akka.Actor;
using GpuActors.Core.Rules;
using GpuActors.Engine.Alerts;
using GpuActors.Engine.Metrics;

namespace GpuActors.Engine.Gpus;

/// <summary>What every GPU actor of a node shares.</summary>
/// <param name="Rules">Rules in force.</param>
/// <param name="Routes">Where actors enter themselves.</param>
/// <param name="Outbox">Takes alert transitions.</param>
/// <param name="Hosts">The region of hosts: takes reports, and finds out why a GPU is absent.</param>
/// <param name="Checkpoints">Keeps states across restarts; null where checkpoints are switched off.</param>
/// <param name="Epochs">Writes down from when to when a GPU is active on this node.</param>
/// <param name="Metrics">Counters.</param>
/// <param name="Time">The clock that stamps detection, and nothing else.</param>
/// <param name="Open">Learns what a kept state says of open alerts.</param>
internal sealed record GpuServices(
    RuleBook Rules,
    GpuRoutes Routes,
    IActorRef Outbox,
    IActorRef Hosts,
    IActorRef? Checkpoints,
    EpochLog Epochs,
    EngineMetrics Metrics,
    TimeProvider Time,
    OpenAlertView Open
);
