using GpuActors.Core.Alerts;
using GpuActors.Core.Incidents;
using GpuActors.Core.Silences;
using GpuActors.Engine.Alerts;

namespace GpuActors.Host.Http;

/// <summary>
/// What the HTTP endpoint needs of alerts and what operators do with them. Everything that asks another actor throws
/// <see cref="TimeoutException"/> when that does not answer.
/// </summary>
internal sealed record AlertDesk
{
    /// <summary>
    /// Alerts that are open on this node or, with the role <c>api</c>, in the fleet: those whose fields have the given values.
    /// </summary>
    public required Func<IReadOnlyDictionary<string, string>, Task<OpenAlertsFound>> OpenAlerts { get; init; }

    /// <summary>Whether an alert is open anywhere in the fleet.</summary>
    public required Func<AlertId, Task<bool>> IsOpen { get; init; }

    /// <summary>Acknowledgements and silences.</summary>
    public required Func<AlertControlSnapshot> Control { get; init; }

    /// <summary>Does what an operator asks for.</summary>
    public required Func<AlertControlCommand, Task<AlertControlOutcome>> Execute { get; init; }

    /// <summary>The fleet's incidents, the newest first: only open ones or all, and how many.</summary>
    public required Func<bool, int, Task<IReadOnlyList<IncidentRecord>>> Incidents { get; init; }

    /// <summary>One incident; null when there is none.</summary>
    public required Func<string, Task<IncidentRecord?>> Incident { get; init; }

    /// <summary>The clock that silences begin and end by.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
