namespace GpuActors.Host.Settings;

/// <summary>Names of topics: contracts with everybody else who reads them.</summary>
internal sealed record TopicNames
{
    /// <summary>Samples, one record per GPU and scrape. Default <c>gpu-metrics-raw</c>.</summary>
    public string Raw { get; init; } = "gpu-metrics-raw";

    /// <summary>Reports of kernel logs on GPUs and NVSwitches. Default <c>gpu-logs</c>.</summary>
    public string Logs { get; init; } = "gpu-logs";

    /// <summary>Alert transitions. Default <c>gpu-alerts</c>.</summary>
    public string Alerts { get; init; } = "gpu-alerts";

    /// <summary>Alerts that are open, with their incidents; compacted. Default <c>gpu-alerts-open</c>.</summary>
    public string OpenAlerts { get; init; } = "gpu-alerts-open";

    /// <summary>Pages, which paging systems consume. Default <c>gpu-pages</c>.</summary>
    public string Pages { get; init; } = "gpu-pages";

    /// <summary>Acknowledgements and silences; compacted. Default <c>gpu-operations</c>.</summary>
    public string Operations { get; init; } = "gpu-operations";

    /// <summary>Incidents: alerts of one cause; compacted. Default <c>gpu-incidents</c>.</summary>
    public string Incidents { get; init; } = "gpu-incidents";

    /// <summary>What models say of GPUs. Default <c>gpu-predictions</c>.</summary>
    public string Predictions { get; init; } = "gpu-predictions";

    /// <summary>
    /// Records that are no samples or log lines, with the reason in their headers. Default <c>gpu-metrics-dead-letter</c>.
    /// </summary>
    public string DeadLetter { get; init; } = "gpu-metrics-dead-letter";

    /// <summary>All of them.</summary>
    public IReadOnlyList<string> All => [Raw, Logs, Alerts, OpenAlerts, Incidents, Pages, Operations, Predictions, DeadLetter];

    /// <summary>Those of which only the newest record of each key counts.</summary>
    public IReadOnlyList<string> Compacted => [OpenAlerts, Incidents, Operations];

    /// <summary>
    /// Those whose records must have the broker's append time: with the clocks of many producers, one that is ahead would make all other
    /// GPUs appear absent.
    /// </summary>
    public IReadOnlyList<string> AppendTimed => [Raw, Logs];
}
