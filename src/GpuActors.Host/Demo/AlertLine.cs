using System.Globalization;
using GpuActors.Core.Alerts;
using Spectre.Console;

namespace GpuActors.Host.Demo;

/// <summary>One alert as one readable line.</summary>
internal static class AlertLine
{
    public static string Of(AlertTransition alert)
    {
        var (colour, state) =
            alert.State == AlertState.Resolved
                ? ("green", "resolved")
                : (
                    alert.Severity switch
                    {
                        AlertSeverity.Critical => "red",
                        AlertSeverity.Warning => "yellow",
                        _ => "blue",
                    },
                    "FIRING  "
                );
        var time = DateTimeOffset.FromUnixTimeMilliseconds(alert.SourceTimeMs).ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        var where = alert.Labels.Host.Length > 0 ? $"{alert.Labels.Host}#{alert.Labels[AlertLabelNames.GpuIndex]}" : alert.Gpu.Value;
        return $"[grey]{time}[/] [{colour}]{state} {alert.Severity.Name(), -8}[/] [bold]{alert.Rule.EscapeMarkup()}[/] "
            + $"{where.EscapeMarkup()} {alert.Summary.EscapeMarkup()} [grey]({alert.LatencyMs} ms)[/]";
    }
}
