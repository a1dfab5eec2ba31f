using System.Globalization;
using System.Text;

namespace GpuActors.Core.Metrics;

/// <summary>
/// The files in <c>deploy/dcgm</c>, made of the catalogue: the counters that an exporter is to enable, and the table of all metrics. The
/// tests hold the files against these texts.
/// </summary>
public static class MetricDocuments
{
    /// <summary>Where the counters file stands in the repository.</summary>
    public const string CountersPath = "deploy/dcgm/counters.csv";

    /// <summary>Where the table stands in the repository.</summary>
    public const string ReadMePath = "deploy/dcgm/README.md";

    /// <summary>The line of a counters file that enables a metric: name, Prometheus type, help.</summary>
    public static string CountersLine(MetricDefinition metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        return $"{metric.CountersName}, {TypeOf(metric)}, {metric.Help}.";
    }

    /// <summary>A counters file in dcgm-exporter's format with all that the catalogue has, what alerts need first.</summary>
    public static string Counters()
    {
        var text = new StringBuilder(
            """
            # Counters of dcgm-exporter for GpuActors: dcgm-exporter -f counters.csv (see README.md beside this file).
            # Format: DCGM field, Prometheus type, help message. Made of the metric catalogue: change it there.
            #
            # An exporter does not start with a field that it does not know ("could not find DCGM field"). The comments below name the first
            # release that knows a field; without one, every release since 3.3 does. Put a # before what yours does not know.

            # Required: without these there are no alerts on throttling, ECC errors and XIDs. A stock exporter lacks the throttle reasons and both
            # ECC counters. Exporters before 4.0 know the throttle reasons as DCGM_FI_DEV_CLOCK_THROTTLE_REASONS only.

            """
        );
        foreach (var metric in MetricCatalog.All.Where(m => m.Required))
        {
            text.Append(CountersLine(metric)).Append('\n');
        }

        text.Append(
            """

            # The exporter's own counts over a sliding window (from 3.3.5-3.4.0): they show XIDs that repeat, and throttling between two scrapes.
            DCGM_EXP_XID_ERRORS_COUNT, gauge, XID errors within the window by code.
            DCGM_EXP_CLOCK_EVENTS_COUNT, gauge, Polls within the window with a throttle reason set.

            # A label of every row.
            DCGM_FI_DRIVER_VERSION, label, Driver version.

            # For temperature limits, memory repair, power, links, diagnosis and predictions.

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

    /// <summary>How to use the counters file, and the table of all metrics, as Markdown.</summary>
    public static string ReadMe()
    {
        var text = new StringBuilder(
            """
            # Counters for dcgm-exporter

            [counters.csv](counters.csv) enables all that GpuActors can use. With its default counters an exporter publishes neither throttle reasons nor
            ECC counters, and alerts on them cannot work: `gpuactors doctor --target http://node1:9400/metrics` says for each GPU what is missing.

            On a host, once a second instead of every 30 s (values come from a cache: an alert can't be younger than this interval; below one
            second the polling itself costs performance):

                dcgm-exporter -f /etc/dcgm-exporter/counters.csv -c 1000

            In Kubernetes, with NVIDIA's chart, which makes its counters file of the value `customMetrics`:

                helm upgrade --install dcgm-exporter gpu-helm-charts/dcgm-exporter \
                  --set-file customMetrics=counters.csv \
                  --set 'extraEnv[0].name=DCGM_EXPORTER_INTERVAL' --set-string 'extraEnv[0].value=1000'

            An exporter that stops at its start with `could not find DCGM field` is older than one of the fields: the file says which release knows
            which.

            ## Metrics

            Names are the same in JSON records, database columns and labels. A value outside the range is garbage and becomes missing. Of the exporter's
            names each is understood; the first of a row is the oldest.

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
                $"| `{metric.Name}` | {metric.DcgmFieldId} | {names} | {metric.Unit} | {Kind(metric.Kind)} | {Number(metric.Min)} to {Number(metric.Max)} | {(metric.Required ? "yes" : "")} | {metric.Help}.{note} |\n"
            );
        }

        text.Append(
            """

            Two families are no metrics of their own: `DCGM_EXP_XID_ERRORS_COUNT` gives the member `xids` of a record, and `DCGM_EXP_CLOCK_EVENTS_COUNT`
            stands in for `throttle_reasons` on a page without field 112. `DCGM_FI_DEV_NVLINK_THROUGHPUT_PER_LINK` (field 1529) gives the links' own metrics.

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
