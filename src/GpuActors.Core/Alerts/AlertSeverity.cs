namespace GpuActors.Core.Alerts;

/// <summary>How urgent an alert is; on the wire in lower case.</summary>
public enum AlertSeverity : byte
{
    /// <summary>Worth knowing; nobody is paged.</summary>
    Info,

    /// <summary>Look at it in working hours.</summary>
    Warning,

    /// <summary>Page somebody.</summary>
    Critical,
}
