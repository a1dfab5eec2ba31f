namespace GpuActors.Core.Alerts;

/// <summary>How urgent an alert is; on the wire in lower case.</summary>
public enum AlertSeverity : byte
{
    /// <summary>Information; it does not page.</summary>
    Info,

    /// <summary>To be handled in working hours; it does not page.</summary>
    Warning,

    /// <summary>To be handled now; it pages.</summary>
    Critical,
}
