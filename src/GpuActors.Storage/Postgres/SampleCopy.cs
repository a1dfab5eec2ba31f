using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;
using Npgsql;
using NpgsqlTypes;

namespace GpuActors.Storage.Postgres;

/// <summary>Writes samples into <c>gpu_metrics</c> by binary COPY, without boxing and without conversion to text.</summary>
internal static class SampleCopy
{
    public static readonly string Command =
        $"copy gpu_metrics (time, gpu_uuid, hostname, {string.Join(", ", MetricCatalog.All.Select(m => m.Name))}) "
        + "from stdin (format binary)";

    private static readonly ColumnType[] Columns = MetricCatalog.All.Select(m => m.Column).ToArray();

    /// <summary>Writes one row.</summary>
    /// <returns>Number of values outside the range of their column, which are written as null. Validated samples have none; a count above
    /// zero indicates an error in the metric catalogue.</returns>
    public static int Write(NpgsqlBinaryImporter copy, GpuSample sample)
    {
        copy.StartRow();
        copy.Write(DateTimeOffset.FromUnixTimeMilliseconds(sample.TimeMs).UtcDateTime, NpgsqlDbType.TimestampTz);
        copy.Write(sample.Gpu.Id.Value, NpgsqlDbType.Text);
        if (sample.Info.Host.Length > 0)
        {
            copy.Write(StorableText.Of(sample.Info.Host), NpgsqlDbType.Text);
        }
        else
        {
            copy.WriteNull();
        }

        var unfit = 0;
        var values = sample.Values;
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i];
            switch (Columns[i])
            {
                case ColumnType.SmallInt when value is >= short.MinValue and <= short.MaxValue:
                    copy.Write((short)Math.Round(value), NpgsqlDbType.Smallint);
                    break;
                case ColumnType.Integer when value is >= int.MinValue and <= int.MaxValue:
                    copy.Write((int)Math.Round(value), NpgsqlDbType.Integer);
                    break;
                case ColumnType.BigInt when value is >= -9.2e18 and <= 9.2e18:
                    copy.Write((long)Math.Round(value), NpgsqlDbType.Bigint);
                    break;
                case ColumnType.Real when !double.IsNaN(value):
                    copy.Write((float)value, NpgsqlDbType.Real);
                    break;
                default:
                    copy.WriteNull();
                    unfit += double.IsNaN(value) ? 0 : 1;
                    break;
            }
        }

        return unfit;
    }
}
