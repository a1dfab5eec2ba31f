using GpuActors.Core.Samples;

namespace GpuActors.Core.Alerts;

/// <summary>
/// What identifies an alert, common to its transitions (<see cref="AlertTransition"/>) and to the alert while it is open
/// (<see cref="OpenAlert"/>). Matchers of silences, filters of the API and scopes of incidents look at these fields only.
/// </summary>
public interface IAlert
{
    /// <summary>Its id.</summary>
    AlertId AlertId { get; }

    /// <summary>Id of the rule (<c>power_brake</c>).</summary>
    string Rule { get; }

    /// <summary>The GPU.</summary>
    GpuId Gpu { get; }

    /// <summary>Urgency.</summary>
    AlertSeverity Severity { get; }

    /// <summary>Labels.</summary>
    AlertLabels Labels { get; }
}
