using GpuActors.Core.Incidents;
using GpuActors.Core.Silences;
using GpuActors.Engine.Composition;

namespace GpuActors.Host.Http;

/// <summary>
/// What the HTTP endpoint needs of alerts and what operators do with them. Everything that asks another actor throws
/// <see cref="TimeoutException"/> when that does not answer.
/// </summary>
internal sealed record AlertDesk
{
    /// <summary>Whether any node of the cluster can answer.</summary>
    public required Func<bool> IsPossible { get; init; }

    /// <summary>Open alerts of the fleet whose fields have the given values.</summary>
    public required Func<IReadOnlyDictionary<string, string>, Task<OpenAlertsFound>> OpenAlerts { get; init; }

    /// <summary>Acknowledgements and silences.</summary>
    public required Func<Task<AlertControlSnapshot>> Control { get; init; }

    /// <summary>Open alerts that a silence would cover now.</summary>
    public required Func<Silence, Task<OpenAlertsFound>> Preview { get; init; }

    /// <summary>Does what an operator asks for.</summary>
    public required Func<AlertControlCommand, Task<AlertControlOutcome>> Execute { get; init; }

    /// <summary>The fleet's incidents, the newest first: only open ones or all, and how many.</summary>
    public required Func<bool, int, Task<IReadOnlyList<IncidentRecord>>> Incidents { get; init; }

    /// <summary>One incident; null when there is none.</summary>
    public required Func<string, Task<IncidentRecord?>> Incident { get; init; }

    /// <summary>The clock that silences begin and end by.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
