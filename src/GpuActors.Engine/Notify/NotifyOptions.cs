using GpuActors.Core.Incidents;
using GpuActors.Core.Notify;
using GpuActors.Engine.Metrics;

namespace GpuActors.Engine.Notify;

/// <summary>The services and settings of NOTIFY.</summary>
public sealed record NotifyOptions
{
    /// <summary>Connects to the topics; called again after a failure.</summary>
    public required Func<INotifyLog> Connect { get; init; }

    /// <summary>Which alerts are one incident.</summary>
    public IncidentSettings Incidents { get; init; } = new();

    /// <summary>What pages and when.</summary>
    public NotifySettings Settings { get; init; } = new();

    /// <summary>Called each time another incarnation has taken over from the one of this node; null for nothing.</summary>
    public Action? OnFenced { get; init; }

    /// <summary>Counters.</summary>
    public required EngineMetrics Metrics { get; init; }

    /// <summary>The clock by which pages, silences and windows go.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
