using GpuActors.Core.Incidents;

namespace GpuActors.Engine.Composition;

/// <summary>The settings of a <see cref="FleetClient"/>; all of them as on the nodes that detect.</summary>
public sealed record FleetOptions
{
    /// <summary>Partitions of the topics, which is the number of shards.</summary>
    public required int Partitions { get; init; }

    /// <summary>Whether alerts become incidents.</summary>
    public IncidentSettings Incidents { get; init; } = new();

    /// <summary>The clock by which silences begin and end.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
