using System.Data.Common;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Storage;

/// <summary>Rows of <c>gpu_metrics</c> as samples.</summary>
internal static class StoredSamples
{
    /// <summary>Columns of a row: time, host and the metrics of the catalogue.</summary>
    public static readonly string Columns = $"time, hostname, {string.Join(", ", MetricCatalog.All.Select(metric => metric.Name))}";

    private const int FirstMetric = 2;

    /// <summary>Fills a sample from the current row of a reader of <see cref="Columns"/>.</summary>
    /// <param name="row">The reader.</param>
    /// <param name="timeMs">Time of the row, Unix milliseconds.</param>
    /// <param name="gpu">The GPU.</param>
    /// <param name="offset">Number of the row.</param>
    /// <param name="sample">Receives the row.</param>
    public static void Fill(DbDataReader row, long timeMs, GpuIdentity gpu, long offset, GpuSample sample)
    {
        sample.Clear();
        (sample.Gpu, sample.TimeMs, sample.AppendTimeMs, sample.Offset) = (gpu, timeMs, timeMs, offset);
        if (!row.IsDBNull(1))
        {
            sample.Info = GpuInfo.Unknown with { Host = row.GetString(1) };
        }

        for (var i = 0; i < MetricCatalog.Count; i++)
        {
            var column = FirstMetric + i;
            if (!row.IsDBNull(column))
            {
                sample.Values[i] = Value(row, column, MetricCatalog.All[i].Column);
            }
        }
    }

    // SQLite has one type of integers and one of floats, and converts.
    private static double Value(DbDataReader row, int column, ColumnType type) =>
        type switch
        {
            ColumnType.SmallInt => row.GetInt16(column),
            ColumnType.Integer => row.GetInt32(column),
            ColumnType.BigInt => row.GetInt64(column),
            _ => row.GetFloat(column),
        };
}
