namespace GpuActors.Storage;

/// <summary>
/// The tables whose rows can be counted. A table name can't be a parameter of a SQL statement, so it is checked against this list.
/// </summary>
internal static class KnownTables
{
    private static readonly string[] Names =
    [
        "gpu_assets",
        "gpu_service",
        "gpu_failures",
        "gpu_metrics",
        "gpu_alerts",
        "gpu_features",
        "gpu_failure_predictions",
        "ingest_offsets",
    ];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All => Names;

    public static string Check(string table) =>
        Names.Contains(table, StringComparer.Ordinal)
            ? table
            : throw new ArgumentException($"table = '{table}': it must be one of {string.Join(", ", Names)}", nameof(table));
}
