using GpuActors.Core.Histories;

namespace GpuActors.Learning.Histories;

/// <summary>What a log tells of one GPU.</summary>
/// <param name="Gpu">Serial number or UUID.</param>
/// <param name="Spans">Its times in service, by start.</param>
/// <param name="Failures">Its events, by time.</param>
public sealed record GpuHistory(string Gpu, IReadOnlyList<LifeSpan> Spans, IReadOnlyList<FailureEvent> Failures)
{
    /// <summary>The span in which the GPU is in service at a time; null if it is not. If spans overlap, the one that started
    /// last.</summary>
    public LifeSpan? SpanAt(long timeMs)
    {
        for (var i = Spans.Count - 1; i >= 0; i--)
        {
            if (Spans[i].InServiceAt(timeMs))
            {
                return Spans[i];
            }
        }

        return null;
    }

    /// <summary>The number of failures before a time.</summary>
    public int FailuresBefore(long timeMs)
    {
        var count = 0;
        while (count < Failures.Count && Failures[count].TimeMs < timeMs)
        {
            count++;
        }

        return count;
    }

    /// <summary>The histories of all GPUs of a log, by serial number or UUID.</summary>
    public static IReadOnlyList<GpuHistory> Of(IEnumerable<LifeSpan> spans)
    {
        ArgumentNullException.ThrowIfNull(spans);
        return
        [
            .. spans
                .GroupBy(span => span.Gpu, StringComparer.Ordinal)
                .OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => new GpuHistory(
                    group.Key,
                    [.. group.Where(span => span.InsertedMs is not null).OrderBy(span => span.InsertedMs)],
                    [.. group.SelectMany(Failure).OrderBy(failure => failure.TimeMs)]
                )),
        ];
    }

    private static IEnumerable<FailureEvent> Failure(LifeSpan span) =>
        span is { Event: { } what, RemovedMs: { } time } ? [new FailureEvent(time, what)] : [];
}
