namespace GpuActors.Core.Alerts;

/// <summary>State of an alert after a transition; on the wire in lower case.</summary>
public enum AlertState : byte
{
    /// <summary>The condition holds.</summary>
    Firing,

    /// <summary>The condition no longer holds.</summary>
    Resolved,
}
