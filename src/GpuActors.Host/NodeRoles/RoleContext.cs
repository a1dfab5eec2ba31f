using Akka.Actor;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Engine.Metrics;
using GpuActors.Host.Configuration;
using Microsoft.Extensions.Logging;

namespace GpuActors.Host.NodeRoles;

/// <summary>Services that the roles of a node share.</summary>
/// <param name="Settings">Settings of the process; consumers have their group instance ids.</param>
/// <param name="System">The node's actor system.</param>
/// <param name="Rules">The rules in force.</param>
/// <param name="Metrics">Counters of the engine.</param>
/// <param name="Registry">Interns GPU ids.</param>
/// <param name="Loggers">Creates loggers.</param>
/// <param name="Fail">Reports that the node must end, with the reason.</param>
internal sealed record RoleContext(
    HostSettings Settings,
    ActorSystem System,
    RuleBook Rules,
    EngineMetrics Metrics,
    GpuRegistry Registry,
    ILoggerFactory Loggers,
    Action<string> Fail
);
