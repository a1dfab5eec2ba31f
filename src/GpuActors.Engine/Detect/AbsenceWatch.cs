using GpuActors.Engine.Gpus;

namespace GpuActors.Engine.Detect;

/// <summary>
/// Finds the GPUs of this node whose actors are to be asked about their absence, in two steps: which partitions have such GPUs, and, with
/// the end of the partition's log that its leader has answered, which GPUs they are. Not thread-safe.
/// </summary>
/// <param name="routes">The GPUs of this node.</param>
/// <param name="clock">Log time.</param>
/// <param name="partitions">Partitions of the topic.</param>
/// <param name="replicas">Fewest replicas of a partition.</param>
internal sealed class AbsenceWatch(GpuRoutes routes, LogClock clock, int partitions, int replicas)
{
    // GPUs that have sent nothing for this long are out of service: they do not count as neighbours of an absent one.
    private const long OutOfServiceMs = 600_000;

    private readonly PartitionLiveness[] _liveness = [.. Enumerable.Range(0, partitions).Select(_ => new PartitionLiveness(replicas))];
    private readonly Heard[] _heard = new Heard[partitions];

    /// <summary>Partitions whose leaders are to be asked for the end of the log, for <see cref="Check"/>.</summary>
    public IReadOnlyList<int> Partitions()
    {
        if (clock.NowMs is not { } now)
        {
            // Nothing has been read yet. The states of the last checkpoint say how far the log has come at least.
            var newestMs = routes.All.Where(route => route.IsGpu).Select(route => route.AppendTimeMs).DefaultIfEmpty(0).Max();
            if (newestMs > 0)
            {
                clock.StartAt(newestMs);
            }

            return [];
        }

        Array.Clear(_heard);
        foreach (var route in routes.All)
        {
            _heard[route.ShardOf(partitions)].Add(route, now);
        }

        List<int>? found = null;
        for (var partition = 0; partition < partitions; partition++)
        {
            clock.HeardEvery(partition, _heard[partition].IntervalMs);
            _liveness[partition].Has(_heard[partition].NewestMs == 0 ? null : now);
            if (_heard[partition].MustAsk)
            {
                (found ??= []).Add(partition);
            }
        }

        return found ?? (IReadOnlyList<int>)[];
    }

    /// <summary>The GPUs of a partition that are to be asked, each with the log time that its absence is measured against.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="appliedUpTo">The offset up to which its records are applied.</param>
    /// <param name="appliedMs">Append time of the last of them, Unix milliseconds; 0 for none.</param>
    /// <param name="endOffset">End of its log as the leader has answered; null without an answer.</param>
    /// <param name="askedAtMs">Log time of the question, Unix milliseconds.</param>
    public IEnumerable<(GpuRoute Route, long NowMs)> Check(int partition, long appliedUpTo, long appliedMs, long? endOffset, long askedAtMs)
    {
        var seen = new PartitionLiveness.Seen(
            appliedUpTo,
            Math.Max(appliedMs, _heard[partition].NewestMs),
            clock.ResumedMs(partition),
            clock.NewestOfAllMs,
            askedAtMs,
            _heard[partition].IntervalMs,
            _heard.Max(heard => heard.IntervalMs),
            _heard[partition].InService
        );
        return _liveness[partition].AbsenceTime(seen, endOffset) is { } time
            ? routes
                .All.Where(route => route.ShardOf(partitions) == partition && route.MustAsk(time.Of(route.IntervalMs)))
                .Select(route => (route, time.Of(route.IntervalMs)))
            : [];
    }

    /// <summary>GPUs that have sent nothing for a time, by the log.</summary>
    public IEnumerable<GpuRoute> SilentFor(TimeSpan span) =>
        clock.NowMs is { } now ? routes.All.Where(route => now - route.AppendTimeMs >= (long)span.TotalMilliseconds) : [];

    /// <summary>What the GPUs of a partition have shown by now.</summary>
    private record struct Heard
    {
        public int InService { get; private set; }

        public long NewestMs { get; private set; }

        /// <summary>The longest interval at which GPUs in service are heard, in milliseconds; 0 when unknown.</summary>
        public double IntervalMs { get; private set; }

        public bool MustAsk { get; private set; }

        public void Add(GpuRoute route, long nowMs)
        {
            // Lines of kernel logs come in a topic of their own.
            NewestMs = route.IsGpu ? Math.Max(NewestMs, route.AppendTimeMs) : NewestMs;
            MustAsk |= route.MustAsk(nowMs);
            if (route.IsGpu && nowMs - route.AppendTimeMs < OutOfServiceMs)
            {
                InService++;
                IntervalMs = route.IntervalMs > IntervalMs ? route.IntervalMs : IntervalMs;
            }
        }
    }
}
