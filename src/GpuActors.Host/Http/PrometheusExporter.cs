using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace GpuActors.Host.Http;

/// <summary>
/// Collects the instruments of all meters named <c>GpuActors.*</c> (and the runtime's own) and writes them as a Prometheus page (text
/// format 0.0.4). Instruments are written to once a batch, so a lock per instrument is cheap enough.
/// </summary>
internal sealed class PrometheusExporter : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly SortedDictionary<string, Family> _families = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    public PrometheusExporter()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("GpuActors.", StringComparison.Ordinal) || instrument.Meter.Name == "System.Runtime")
            {
                listener.EnableMeasurementEvents(instrument, FamilyOf(instrument));
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, state) => ((Family)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, state) => ((Family)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<short>((_, value, tags, state) => ((Family)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<byte>((_, value, tags, state) => ((Family)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, state) => ((Family)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<float>((_, value, tags, state) => ((Family)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<decimal>((_, value, tags, state) => ((Family)state!).Record((double)value, tags));
        _listener.Start();
    }

    /// <summary>The page, with observable instruments read now.</summary>
    public string Scrape()
    {
        Family[] families;
        lock (_gate)
        {
            families = [.. _families.Values];
        }

        foreach (var family in families)
        {
            family.BeginScrape();
        }

        _listener.RecordObservableInstruments();
        var page = new StringBuilder(16 * 1024);
        foreach (var family in families)
        {
            family.WriteTo(page);
        }

        return page.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private Family FamilyOf(Instrument instrument)
    {
        var name = NameOf(instrument);
        lock (_gate)
        {
            // Two instruments of one name (a meter per consumer) are one family.
            return _families.TryGetValue(name, out var family) ? family : _families[name] = Family.For(instrument, name);
        }
    }

    /// <summary>Dots become underscores, units in full words and <c>_total</c> are appended, as Prometheus has it.</summary>
    internal static string NameOf(Instrument instrument)
    {
        var own = instrument.Name.Replace('.', '_').Replace('-', '_');
        if (
            instrument.Meter.Name.StartsWith("GpuActors.", StringComparison.Ordinal)
            && !own.StartsWith("gpuactors_", StringComparison.Ordinal)
        )
        {
            own = "gpuactors_" + own;
        }

        var unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "us" => "_microseconds",
            "By" => "_bytes",
            "Cel" => "_celsius",
            "1" => "_ratio",
            _ => "",
        };
        if (unit.Length > 0 && !own.EndsWith(unit, StringComparison.Ordinal) && !own.EndsWith(unit + "_total", StringComparison.Ordinal))
        {
            own = own.EndsWith("_total", StringComparison.Ordinal) ? own[..^6] + unit + "_total" : own + unit;
        }

        return Family.IsCounter(instrument) && !own.EndsWith("_total", StringComparison.Ordinal) ? own + "_total" : own;
    }

    private sealed class Family(string name, string type, string help, bool observed, bool adds, double[]? bounds)
    {
        private static readonly double[] DefaultBounds = [0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

        private readonly Dictionary<string, Cell> _cells = new(StringComparer.Ordinal);
        private readonly Lock _gate = new();

        public static Family For(Instrument instrument, string name)
        {
            var generic = instrument.GetType().GetGenericTypeDefinition();
            var type =
                IsCounter(instrument) ? "counter"
                : generic == typeof(Histogram<>) ? "histogram"
                : "gauge";
            var adds = generic == typeof(Counter<>) || generic == typeof(UpDownCounter<>);
            return new Family(
                name,
                type,
                instrument.Description ?? instrument.Name,
                instrument.IsObservable,
                adds,
                type == "histogram" ? Bounds(instrument) : null
            );
        }

        public static bool IsCounter(Instrument instrument) =>
            instrument.GetType().GetGenericTypeDefinition() is var generic
            && (generic == typeof(Counter<>) || generic == typeof(ObservableCounter<>));

        public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var labels = Labels(tags);
            lock (_gate)
            {
                if (!_cells.TryGetValue(labels, out var cell))
                {
                    _cells[labels] = cell = new Cell(bounds?.Length ?? 0);
                }

                if (bounds is null)
                {
                    // Several observable instruments of one name and labels are added up within a scrape.
                    cell.Value = adds || observed ? cell.Value + value : value;
                }
                else
                {
                    cell.Add(value, bounds);
                }
            }
        }

        public void BeginScrape()
        {
            if (observed)
            {
                lock (_gate)
                {
                    _cells.Clear();
                }
            }
        }

        public void WriteTo(StringBuilder page)
        {
            lock (_gate)
            {
                if (_cells.Count == 0)
                {
                    return;
                }

                page.Append("# HELP ").Append(name).Append(' ').Append(Escape(help, quotes: false)).Append('\n');
                page.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
                foreach (var (labels, cell) in _cells)
                {
                    if (bounds is null)
                    {
                        Line(page, name, labels, cell.Value);
                    }
                    else
                    {
                        WriteHistogram(page, labels, cell);
                    }
                }
            }
        }

        private void WriteHistogram(StringBuilder page, string labels, Cell cell)
        {
            var separator = labels.Length > 0 ? "," : "";
            var below = 0L;
            for (var i = 0; i < bounds!.Length; i++)
            {
                below += cell.Buckets[i];
                Line(page, name + "_bucket", $"{labels}{separator}le=\"{Number(bounds[i])}\"", below);
            }

            Line(page, name + "_bucket", $"{labels}{separator}le=\"+Inf\"", cell.Count);
            Line(page, name + "_sum", labels, cell.Value);
            Line(page, name + "_count", labels, cell.Count);
        }

        private static double[] Bounds(Instrument instrument) =>
            instrument switch
            {
                Histogram<double> { Advice.HistogramBucketBoundaries: { } given } => [.. given],
                Histogram<long> { Advice.HistogramBucketBoundaries: { } given } => [.. given.Select(b => (double)b)],
                Histogram<int> { Advice.HistogramBucketBoundaries: { } given } => [.. given.Select(b => (double)b)],
                // Instruments in seconds get the same resolution as those in milliseconds.
                _ => instrument.Unit == "s" ? [.. DefaultBounds.Select(b => b / 1_000)] : DefaultBounds,
            };

        private static void Line(StringBuilder page, string name, string labels, double value)
        {
            page.Append(name);
            if (labels.Length > 0)
            {
                page.Append('{').Append(labels).Append('}');
            }

            page.Append(' ').Append(Number(value)).Append('\n');
        }

        private static string Number(double value) =>
            double.IsPositiveInfinity(value) ? "+Inf"
            : double.IsNegativeInfinity(value) ? "-Inf"
            : value.ToString("R", CultureInfo.InvariantCulture);

        private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (tags.IsEmpty)
            {
                return "";
            }

            var text = new StringBuilder();
            foreach (var (key, value) in tags)
            {
                text.Append(text.Length > 0 ? "," : "")
                    .Append(key.Replace('.', '_').Replace('-', '_'))
                    .Append("=\"")
                    .Append(Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", quotes: true))
                    .Append('"');
            }

            return text.ToString();
        }

        private static string Escape(string text, bool quotes)
        {
            text = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            return quotes ? text.Replace("\"", "\\\"", StringComparison.Ordinal) : text;
        }
    }

    private sealed class Cell(int buckets)
    {
        public readonly long[] Buckets = new long[buckets];

        public long Count;

        public double Value;

        public void Add(double value, double[] bounds)
        {
            Count++;
            Value += value;
            var i = Array.BinarySearch(bounds, value);
            i = i < 0 ? ~i : i;
            if (i < Buckets.Length)
            {
                Buckets[i]++;
            }
        }
    }
}
