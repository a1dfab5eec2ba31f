using Akka.Actor;
using GpuActors.Engine.Gpus;
using GpuActors.Engine.Metrics;

namespace GpuActors.Engine.Detect;

/// <summary>What the feeders of a node share.</summary>
internal sealed record FeederServices(
    IActorRef Region,
    GpuRoutes Routes,
    Tickets Tickets,
    IActorRef Acknowledger,
    DeadLetterWriter DeadLetters,
    EngineMetrics Metrics,
    TimeSpan AcknowledgeTimeout);
