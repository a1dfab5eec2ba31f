namespace GpuActors.Storage;

/// <summary>Tables that may be named in a query: a name can't be a parameter, so it is checked.</summary>
internal static class KnownTables
{
    private static readonly string[] Names =
    [
        "gpu_assets",
        "gpu_metrics",
        "gpu_alerts",
        "gpu_features",
        "gpu_failure_predictions",
        "ingest_offsets",
    ];

    public static string Check(string table) =>
        Names.Contains(table, StringComparer.Ordinal)
            ? table
            : throw new ArgumentException($"'{table}' is none of the tables {string.Join(", ", Names)}", nameof(table));
}
