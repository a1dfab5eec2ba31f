namespace GpuActors.Core.Alerts;

/// <summary>The texts that stand for severities and states in records, tables, the API and labels of metrics.</summary>
public static class AlertNames
{
    /// <summary><c>critical</c>, <c>warning</c> or <c>info</c>.</summary>
    public static string Name(this AlertSeverity severity) =>
        severity switch
        {
            AlertSeverity.Critical => "critical",
            AlertSeverity.Warning => "warning",
            _ => "info",
        };

    /// <summary><c>firing</c> or <c>resolved</c>.</summary>
    public static string Name(this AlertState state) => state == AlertState.Firing ? "firing" : "resolved";
}
