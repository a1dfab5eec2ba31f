using GpuActors.Core.Metrics;

namespace GpuActors.Host.Doctor;

/// <summary>Fetches an exporter's page and looks for the fields that alerts and predictions need.</summary>
internal static class ExporterCheck
{
    /// <summary>Checks one exporter.</summary>
    public static async Task<CheckResult> RunAsync(HttpClient http, string url, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var name = $"exporter {url}";
        string page;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        try
        {
            page = await http.GetStringAsync(new Uri(url), deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new CheckResult(name, CheckStatus.Fail, $"no answer within {timeout.TotalSeconds:0.#} s", "Check that dcgm-exporter runs there and that the port is open from this machine");
        }
        catch (Exception e) when (e is HttpRequestException or UriFormatException or InvalidOperationException)
        {
            return new CheckResult(name, CheckStatus.Fail, e.Message, "Check the URL (http://host:9400/metrics), that dcgm-exporter runs there and that the port is open from this machine");
        }

        return Judge(name, page);
    }

    /// <summary>Judges a page that was fetched.</summary>
    internal static CheckResult Judge(string name, string page)
    {
        var families = new HashSet<string>(StringComparer.Ordinal);
        var gpus = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in page.AsSpan().EnumerateLines())
        {
            if (line.Length > 0 && line[0] != '#' && line.IndexOfAny("{ ") is var end and > 0)
            {
                families.Add(line[..end].ToString());
                if (line.IndexOf("UUID=\"") is var at and >= 0 && line[(at + 6)..].IndexOf('"') is var length and > 0)
                {
                    gpus.Add(line.Slice(at + 6, length).ToString());
                }
            }
        }

        if (gpus.Count == 0)
        {
            return new CheckResult(name, CheckStatus.Fail, "the page names no GPU", "This is not dcgm-exporter's page, or it sees no GPU: look at its log, and at nvidia-smi on that host");
        }

        var absent = MetricCatalog.All.Where(metric => !metric.ExporterNames.Any(families.Contains)).ToList();
        var required = absent.Where(metric => metric.Required).ToList();
        var known = MetricCatalog.Count - absent.Count;
        if (required.Count > 0)
        {
            return new CheckResult(
                name,
                CheckStatus.Fail,
                $"{gpus.Count} GPUs, but without {string.Join(", ", required.Select(m => m.Name))}: alerts for these cannot work",
                $"Enable in the exporter's counters file (-f): {string.Join(", ", required.Select(m => m.ExporterNames[0]))}");
        }

        return absent.Count == 0
            ? new CheckResult(name, CheckStatus.Ok, $"{gpus.Count} GPUs, all {known} metrics")
            : new CheckResult(
                name,
                CheckStatus.Warn,
                $"{gpus.Count} GPUs, all required fields, {known} of {MetricCatalog.Count} metrics",
                $"For the full picture enable: {string.Join(", ", absent.Select(m => m.ExporterNames[0]))}");
    }
}
