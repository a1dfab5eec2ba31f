using System.Globalization;
using System.Text;

namespace GpuActors.Core.Metrics;

/// <summary>
/// Generates the files in <c>deploy/dcgm</c> from the catalogue: the counters file for exporters, and the table of all metrics. Tests check
/// that the files equal the generated texts.
/// </summary>
public static class MetricDocuments
{
    /// <summary>Path of the counters file in the repository.</summary>
    public const string CountersPath = "deploy/dcgm/counters.csv";

    /// <summary>Path of the table of all metrics in the repository.</summary>
    public const string ReadMePath = "deploy/dcgm/README.md";

    /// <summary>Gets the line of a counters file that enables a metric: name, Prometheus type, help text.</summary>
    public static string CountersLine(MetricDefinition metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        return $"{metric.CountersName}, {TypeOf(metric)}, {metric.Help}.";
    }

    /// <summary>
    /// Generates a counters file in dcgm-exporter's format with all metrics of the catalogue. The metrics that alerts need come first.
    /// </summary>
    public static string Counters()
    {
        var text = new StringBuilder(
            """
            # Counters of dcgm-exporter for GpuActors: dcgm-exporter -f counters.csv (see README.md beside this file).
            # Format: DCGM field, Prometheus type, help message. Generated from the metric catalogue: change the catalogue instead.
            #
            # An exporter does not start if the file contains a field that it does not know ("could not find DCGM field"). The comments
            # below name the first release that knows the fields that follow; fields without such a comment are known to every release
            # since 3.3. Comment out the fields that your release does not know.

            # Required: alerts on throttling, ECC errors and XIDs need these fields. The default counters of dcgm-exporter lack the throttle
            # reasons and both ECC counters. Exporters before 4.0 know the throttle reasons only as DCGM_FI_DEV_CLOCK_THROTTLE_REASONS.

            """
        );
        foreach (var metric in MetricCatalog.All.Where(m => m.Required))
        {
            text.Append(CountersLine(metric)).Append('\n');
        }

        text.Append(
            """

            # Counts of the exporter over a sliding window (from 3.3.5-3.4.0): they show repeated XIDs, and throttling between two scrapes.
            DCGM_EXP_XID_ERRORS_COUNT, gauge, XID errors within the window by code.
            DCGM_EXP_CLOCK_EVENTS_COUNT, gauge, Polls within the window with a throttle reason set.

            # A label of every row.
            DCGM_FI_DRIVER_VERSION, label, Driver version.

            # Optional: temperature limits, memory repair, power, links, diagnosis and predictions.

            """
        );
        var others = MetricCatalog.All.Where(m => !m.Required).ToLookup(m => m.ExporterSince);
        foreach (var release in others.OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            text.Append(release.Key.Length == 0 ? "" : $"\n# From {release.Key} on.\n");
            foreach (var metric in release)
            {
                text.Append(CountersLine(metric)).Append('\n');
            }
        }

        return text.Replace("\r", "").ToString();
    }

    /// <summary>Generates the instructions for the counters file and the table of all metrics, in Markdown.</summary>
    public static string ReadMe()
    {
        var text = new StringBuilder(
            """
            # Counters for dcgm-exporter

            [counters.csv](counters.csv) enables all fields that GpuActors uses. With its default counters dcgm-exporter publishes neither
            throttle reasons nor ECC counters, and alerts on them cannot work. `gpuactors doctor --target http://node1:9400/metrics` lists
            the missing metrics of each GPU.

            On a host, with one poll per second instead of one every 30 s. The exporter serves values from a cache, so alerts are delayed by
            up to this interval. Below one second the polling itself costs performance.

                dcgm-exporter -f /etc/dcgm-exporter/counters.csv -c 1000

            In Kubernetes, with NVIDIA's chart, which creates the counters file from the value `customMetrics`:

                helm upgrade --install dcgm-exporter gpu-helm-charts/dcgm-exporter \
                  --set-file customMetrics=counters.csv \
                  --set 'extraEnv[0].name=DCGM_EXPORTER_INTERVAL' --set-string 'extraEnv[0].value=1000'

            If the exporter stops at its start with `could not find DCGM field`, its release is older than one of the fields. The comments
            in the file name the first release that knows each field.

            ## Metrics

            JSON records, database columns and labels use the same metric names. A value outside its range is treated as missing. All
            exporter names of a row are recognized; the first one is the oldest.

            | metric | field | exporter names | unit | kind | range | required | meaning |
            |---|---|---|---|---|---|---|---|

            """
        );
        foreach (var metric in MetricCatalog.All)
        {
            var names = string.Join(" ", metric.ExporterNames.Select(n => $"`{n}`"));
            var note = metric.Note.Length == 0 ? "" : $" {metric.Note}.";
            text.Append(
                CultureInfo.InvariantCulture,
                $"| `{metric.Name}` | {metric.DcgmFieldId} | {names} | {metric.Unit} | {Kind(metric.Kind)} | "
                    + $"{Number(metric.Min)} to {Number(metric.Max)} | {(metric.Required ? "yes" : "")} | {metric.Help}.{note} |\n"
            );
        }

        text.Append(
            """

            Three families do not appear in the table: `DCGM_EXP_XID_ERRORS_COUNT` becomes the member `xids` of a record.
            `DCGM_EXP_CLOCK_EVENTS_COUNT` replaces `throttle_reasons` on a page without field 112.
            `DCGM_FI_DEV_NVLINK_THROUGHPUT_PER_LINK` (field 1529) gives the metrics of the single links.

            """
        );
        return text.Replace("\r", "").ToString();
    }

    private static string TypeOf(MetricDefinition metric) => metric.Kind == MetricKind.Counter ? "counter" : "gauge";

    private static string Kind(MetricKind kind) => kind == MetricKind.BitMask ? "bit mask" : kind.ToString().ToLowerInvariant();

    private static string Number(double value) =>
        value == 9007199254740992 ? "2^53"
        : value >= 1e12 ? value.ToString("0e0", CultureInfo.InvariantCulture)
        : value.ToString(CultureInfo.InvariantCulture);
}
