using GpuActors.Core.Gpus;

namespace GpuActors.Host.Http;

/// <summary>What <c>GET /api/gpu/{gpu}/status</c> answers. A metric that the last sample did not have is null, never 0.</summary>
internal sealed record GpuStatusBody
{
    /// <summary>The GPU.</summary>
    public required string GpuUuid { get; init; }

    /// <summary>healthy, warning or critical.</summary>
    public required string Status { get; init; }

    /// <summary>Degrees Celsius.</summary>
    public required double? Temperature { get; init; }

    /// <summary>Watts.</summary>
    public required double? PowerUsage { get; init; }

    /// <summary>Percent.</summary>
    public required double? Utilization { get; init; }

    /// <summary>Host name.</summary>
    public required string Host { get; init; }

    /// <summary>Product name.</summary>
    public required string Model { get; init; }

    /// <summary>Time of the last sample.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Samples seen.</summary>
    public required long Samples { get; init; }

    /// <summary>All metrics of the last sample by canonical name.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>Alerts that are open.</summary>
    public required IReadOnlyList<AlertBody> OpenAlerts { get; init; }

    /// <summary>XIDs seen so far, each occurrence counted once however many sources saw it.</summary>
    public required IReadOnlyList<XidBody> Xids { get; init; }

    public static GpuStatusBody Of(GpuStatus status) =>
        new()
        {
            GpuUuid = status.Gpu.Value,
            Status = status.Health.ToString().ToLowerInvariant(),
            Temperature = Metric(status, "gpu_temp"),
            PowerUsage = Metric(status, "power_usage"),
            Utilization = Metric(status, "gpu_utilization"),
            Host = status.Info.Host,
            Model = status.Info.Model,
            Time = DateTimeOffset.FromUnixTimeMilliseconds(status.TimeMs),
            Samples = status.Samples,
            Metrics = status.Metrics,
            OpenAlerts = [.. status.OpenAlerts.Select(AlertBody.Of)],
            Xids = [.. status.Xids.Select(XidBody.Of)],
        };

    private static double? Metric(GpuStatus status, string name) => status.Metrics.TryGetValue(name, out var value) ? value : null;
}
