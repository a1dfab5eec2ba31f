using System.Text.Json;
using GpuActors.Core.Alerts;

namespace GpuActors.Storage;

/// <summary>Labels of an alert as JSON text.</summary>
internal static class AlertLabels
{
    public static string Json(AlertTransition alert)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["host"] = alert.Info.Host,
            ["model"] = alert.Info.Model,
            ["pci"] = alert.Info.PciBusId,
        };
        foreach (var (name, value) in alert.Labels ?? new Dictionary<string, string>())
        {
            labels[name] = value;
        }

        return JsonSerializer.Serialize(labels.Where(l => l.Value.Length > 0).ToDictionary());
    }
}
