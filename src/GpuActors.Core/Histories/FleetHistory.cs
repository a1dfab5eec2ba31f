namespace GpuActors.Core.Histories;

/// <summary>What a life and repair log says, as rows of the database: each occurs once, however often the log repeats it.</summary>
/// <param name="Deployments">Date of the first insertion of each GPU whose insertion is known.</param>
/// <param name="Service">Lines with a start, without their event. Of lines of one GPU, start and location, the last.</param>
/// <param name="Failures">The events.</param>
public sealed record FleetHistory(
    IReadOnlyList<(string Gpu, DateOnly Date)> Deployments,
    IReadOnlyList<LifeSpan> Service,
    IReadOnlyList<GpuFailure> Failures
)
{
    /// <summary>Divides the lines of a log into rows.</summary>
    /// <param name="spans">The lines.</param>
    /// <param name="zone">Time zone of the date of a deployment.</param>
    /// <param name="types">One of <see cref="GpuFailure.Types"/> by the words of the log; events that are not in it get none.</param>
    /// <param name="source">Who says so, written to each failure.</param>
    public static FleetHistory Of(
        IReadOnlyList<LifeSpan> spans,
        TimeZoneInfo zone,
        IReadOnlyDictionary<string, string> types,
        string source
    )
    {
        ArgumentNullException.ThrowIfNull(spans);
        ArgumentNullException.ThrowIfNull(zone);
        ArgumentNullException.ThrowIfNull(types);
        var service = new Dictionary<(string, long, string), LifeSpan>();
        foreach (var span in spans)
        {
            if (span.InsertedMs is { } inserted)
            {
                service[(span.Gpu, inserted, span.Location)] = span with { Event = null };
            }
        }

        var byLocation = service
            .Values.Where(span => span.Location.Length > 0)
            .GroupBy(span => span.Location, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.OrderBy(span => span.InsertedMs).ToList(), StringComparer.Ordinal);
        var failures = spans
            .Where(span => span is { Event: not null, RemovedMs: not null })
            .Select(span => (span.Gpu, TimeMs: span.RemovedMs!.Value, Event: span.Event!, span.Location))
            .Distinct()
            .Select(failure => new GpuFailure(failure.Gpu, failure.TimeMs, failure.Event, failure.Location, source)
            {
                Type = types.GetValueOrDefault(failure.Event),
                ReplacedBy = Next(byLocation, failure.Location, failure.TimeMs, failure.Gpu),
            });
        var deployments = service
            .Values.GroupBy(span => span.Gpu, StringComparer.Ordinal)
            .Select(group => (group.Key, Date(group.Min(span => span.InsertedMs!.Value), zone)));
        return new FleetHistory([.. deployments], [.. service.Values], [.. failures]);
    }

    /// <summary>
    /// The lines of a log that say what the rows say: a failure at the end of a service is written in its line, any other in a line of its
    /// own.
    /// </summary>
    /// <param name="service">Services.</param>
    /// <param name="failures">Failures.</param>
    public static IReadOnlyList<LifeSpan> Lines(IReadOnlyList<LifeSpan> service, IReadOnlyList<GpuFailure> failures)
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(failures);
        var open = new Dictionary<(string, long, string), Queue<GpuFailure>>();
        foreach (var failure in failures)
        {
            var key = (failure.Gpu, failure.TimeMs, failure.Location);
            if (!open.TryGetValue(key, out var same))
            {
                open[key] = same = new Queue<GpuFailure>();
            }

            same.Enqueue(failure);
        }

        var lines = new List<LifeSpan>(service.Count);
        foreach (var span in service)
        {
            var failed =
                span.RemovedMs is { } removed
                && open.TryGetValue((span.Gpu, removed, span.Location), out var same)
                && same.TryDequeue(out var failure)
                    ? failure
                    : null;
            lines.Add(span with { Event = failed?.Event });
        }

        lines.AddRange(
            open.Values.SelectMany(left => left).Select(left => new LifeSpan(left.Gpu, left.Location, null, left.TimeMs, left.Event))
        );
        return lines;
    }

    private static string? Next(Dictionary<string, List<LifeSpan>> byLocation, string location, long timeMs, string failed)
    {
        if (!byLocation.TryGetValue(location, out var spans))
        {
            return null;
        }

        // An event may come in the middle of a service: whoever follows much later has not replaced the GPU for it.
        if (spans.Exists(span => span.Gpu == failed && span.InServiceAt(timeMs)))
        {
            return null;
        }

        var next = spans.Find(span => span.InsertedMs >= timeMs);
        return next is null || next.Gpu == failed ? null : next.Gpu;
    }

    private static DateOnly Date(long timeMs, TimeZoneInfo zone) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(timeMs), zone).DateTime);
}
