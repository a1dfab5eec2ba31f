using GpuActors.Core.Incidents;
using GpuActors.Core.Messaging;
using GpuActors.Engine.Metrics;

namespace GpuActors.Engine.Incidents;

/// <summary>What the incident actor needs of its surroundings.</summary>
/// <param name="Settings">When alerts become an incident.</param>
/// <param name="Topic">Topic of incidents' records.</param>
/// <param name="Producer">Takes records.</param>
/// <param name="Metrics">Counters.</param>
internal sealed record IncidentOptions(IncidentSettings Settings, string Topic, IRecordProducer Producer, EngineMetrics Metrics);
