using GpuActors.Collector.Exposition;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;
using GpuActors.Core.Validation;

namespace GpuActors.Host.Doctor;

/// <summary>Fetches an exporter's page and looks for the fields that alerts and predictions need.</summary>
internal static class ExporterCheck
{
    /// <summary>Checks one exporter.</summary>
    public static async Task<CheckResult> RunAsync(HttpClient http, string url, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var name = $"exporter {url}";
        byte[] page;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        try
        {
            page = await http.GetByteArrayAsync(new Uri(url), deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new CheckResult(
                name,
                CheckStatus.Fail,
                $"no answer within {timeout.TotalSeconds:0.#} s",
                "Check that dcgm-exporter runs there and that the port is open from this machine"
            );
        }
        catch (Exception e) when (e is HttpRequestException or UriFormatException or InvalidOperationException)
        {
            return new CheckResult(
                name,
                CheckStatus.Fail,
                e.Message,
                "Check the URL (http://host:9400/metrics), that dcgm-exporter runs there and that the port is open from this machine"
            );
        }

        return Judge(name, page);
    }

    /// <summary>Judges a page that was fetched, by the collector's own parser and the engine's own validation.</summary>
    internal static CheckResult Judge(string name, ReadOnlySpan<byte> page)
    {
        var parser = new ExpositionParser(new GpuRegistry());
        var validator = new SampleValidator(new ValidationSettings());
        // Twice: what comes from counts of clock events is there from the second page on.
        parser.Parse(page, 0);
        parser.Parse(page, 0);
        if (parser.Count == 0)
        {
            return new CheckResult(
                name,
                CheckStatus.Fail,
                parser.Errors == 0 ? "the page names no GPU" : $"the page names no GPU; {Errors(parser)}",
                "This is not dcgm-exporter's page, or it sees no GPU: look at its log, and at nvidia-smi on that host"
            );
        }

        foreach (var sample in parser.Samples)
        {
            // An implausible value is a missing one.
            _ = validator.Validate(sample, 0);
        }

        GpuSample[] gpus = [.. parser.Samples];
        var absent = MetricCatalog.All.Where(metric => !gpus.Any(gpu => gpu.Has(metric.Metric))).ToList();
        var partial = MetricCatalog
            .All.Where(metric => IsAlwaysPublished(metric) && !absent.Contains(metric) && !gpus.All(gpu => gpu.Has(metric.Metric)))
            .ToList();
        var required = absent.Where(metric => metric.Required).ToList();
        if (required.Exists(IsAlwaysPublished) || partial.Count > 0)
        {
            return new CheckResult(name, CheckStatus.Fail, Lacking(gpus, required, partial), Remedy(required, partial));
        }

        var known = MetricCatalog.Count - absent.Count;
        if (parser.Errors > 0)
        {
            return new CheckResult(
                name,
                CheckStatus.Warn,
                $"{gpus.Length} GPUs, all required fields; {Errors(parser)}",
                "Fetch the page by hand and look at that line: another program may write into it, or a proxy cuts it"
            );
        }

        return absent.Count == 0
            ? new CheckResult(name, CheckStatus.Ok, $"{gpus.Length} GPUs, all {known} metrics")
            : new CheckResult(
                name,
                CheckStatus.Warn,
                $"{gpus.Length} GPUs, all required fields, {known} of {MetricCatalog.Count} metrics",
                $"For all fields, start the exporter with -f {MetricDocuments.CountersPath}, which also has "
                    + $"{string.Join(", ", absent.Select(m => m.CountersName))}; not every GPU supports every field"
            );
    }

    // A field that many exporters publish only while it is not 0 may be enabled and absent.
    private static bool IsAlwaysPublished(MetricDefinition metric) => metric is { Required: true, OnlyWhenNonZero: false };

    private static string Errors(ExpositionParser parser) => $"{parser.Errors} lines cannot be parsed: {parser.FirstError}";

    private static string Lacking(GpuSample[] gpus, List<MetricDefinition> required, List<MetricDefinition> partial)
    {
        var parts = new List<string>();
        if (required.Count > 0)
        {
            parts.Add($"all without {string.Join(", ", required.Select(m => m.Name))}");
        }

        foreach (var gpu in gpus)
        {
            var lacks = partial.Where(m => !gpu.Has(m.Metric)).Select(m => m.Name).ToList();
            if (lacks.Count > 0)
            {
                parts.Add($"GPU {gpu.Info.Index} ({gpu.Gpu}) without {string.Join(", ", lacks)}");
            }
        }

        return $"{gpus.Length} GPUs: {string.Join("; ", parts)}: alerts for these cannot work";
    }

    private static string Remedy(List<MetricDefinition> required, List<MetricDefinition> partial)
    {
        var lines = new List<string>();
        if (required.Count > 0)
        {
            lines.Add($"Add to the exporter's counters file (-f), or start it with {MetricDocuments.CountersPath}, which has them all:");
            lines.AddRange(required.Select(MetricDocuments.CountersLine));
        }

        if (required.Exists(m => m.Metric == Metric.ThrottleReasons))
        {
            lines.Add($"An exporter before 4.0 calls the throttle reasons {MetricCatalog.Get(Metric.ThrottleReasons).ExporterNames[0]}");
        }

        if (partial.Count > 0)
        {
            lines.Add(
                "Other GPUs of the same exporter have these fields: look at nvidia-smi -q of the GPU named "
                    + "(ECC may be off, or the GPU has fallen off the bus)"
            );
        }

        return string.Join('\n', lines);
    }
}
