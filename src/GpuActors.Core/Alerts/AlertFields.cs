namespace GpuActors.Core.Alerts;

/// <summary>Fields of alerts by name.</summary>
public static class AlertFields
{
    /// <summary>
    /// A field by the name that matchers and filters use: <c>rule</c>, <c>gpu</c>, <c>severity</c>, <c>alert_id</c> or the name of a label;
    /// empty when the alert has none of that name.
    /// </summary>
    public static string Field(this IAlert alert, string name)
    {
        ArgumentNullException.ThrowIfNull(alert);
        return name switch
        {
            "rule" => alert.Rule,
            "gpu" => alert.Gpu.Value,
            "severity" => alert.Severity.Name(),
            "alert_id" => alert.AlertId.Value,
            _ => alert.Labels[name],
        };
    }
}
