namespace GpuActors.Core.Alerts;

/// <summary>What a published alert record says; on the wire in lower case.</summary>
public enum AlertState : byte
{
    /// <summary>The condition holds.</summary>
    Firing,

    /// <summary>The condition is over.</summary>
    Resolved,
}
