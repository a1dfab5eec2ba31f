namespace GpuActors.Host.Demo;

/// <summary>What <c>gpuactors demo --json</c> prints at the end.</summary>
internal sealed record DemoSummary
{
    /// <summary>Samples that the collector handed to the broker and the broker took.</summary>
    public required long SamplesCollected { get; init; }

    /// <summary>Samples that DETECT applied.</summary>
    public required long SamplesProcessed { get; init; }

    /// <summary>Rows of <c>gpu_metrics</c>, counted in the database.</summary>
    public required long RowsWritten { get; init; }

    /// <summary>Records that were no samples.</summary>
    public required long Rejected { get; init; }

    /// <summary>Transitions read from <c>gpu-alerts</c>, by rule and state (firing, resolved).</summary>
    public required IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> Alerts { get; init; }

    /// <summary>Latency of these alerts.</summary>
    public required LatencySummary AlertLatencyMs { get; init; }

    /// <summary>GPUs seen.</summary>
    public required int Gpus { get; init; }

    /// <summary>How long samples were collected, in seconds.</summary>
    public required double DurationS { get; init; }
}
