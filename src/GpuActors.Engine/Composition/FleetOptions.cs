using GpuActors.Core.Incidents;
using GpuActors.Core.Rules;

namespace GpuActors.Engine.Composition;

/// <summary>What a view of the fleet needs to know; all of it as on the nodes that detect.</summary>
public sealed record FleetOptions
{
    /// <summary>Partitions of the topics: the number of shards.</summary>
    public required int Partitions { get; init; }

    /// <summary>Rules in force: they say how severe an open alert is.</summary>
    public required RuleBook Rules { get; init; }

    /// <summary>Whether alerts become incidents.</summary>
    public IncidentSettings Incidents { get; init; } = new();

    /// <summary>The clock that silences begin and end by.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
