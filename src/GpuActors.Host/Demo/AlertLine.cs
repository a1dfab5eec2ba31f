using System.Globalization;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
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
        var where = alert.Info.Host.Length > 0 ? $"{alert.Info.Host}#{alert.Info.Index}" : alert.Gpu.Value;
        return $"[grey]{time}[/] [{colour}]{state} {AlertCodec.Name(alert.Severity), -8}[/] [bold]{alert.Rule.EscapeMarkup()}[/] {where.EscapeMarkup()} {alert.Summary.EscapeMarkup()} [grey]({alert.LatencyMs} ms)[/]";
    }
}
