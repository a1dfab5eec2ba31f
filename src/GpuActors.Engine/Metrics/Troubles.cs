using System.Collections.Concurrent;

namespace GpuActors.Engine.Metrics;

/// <summary>
/// Work of this node that does not get on: a stream that fails again and again, a partition whose batches are not acknowledged, a
/// checkpoint that is not written. Work that lasts in this state makes its role not ready and is told with its cause. Thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class Troubles(TimeProvider time)
{
    /// <summary>A trouble with this many reports lasts after <see cref="RepeatedAfter"/>.</summary>
    public const int Repeated = 3;

    /// <summary>
    /// How long repeated failures are taken for a disturbance that passes: longer than a rebalance or the election of a leader.
    /// </summary>
    public static readonly TimeSpan RepeatedAfter = TimeSpan.FromSeconds(10);

    /// <summary>How long anything else may take: as long as a batch waits for its acknowledgement.</summary>
    public static readonly TimeSpan LastingAfter = TimeSpan.FromMinutes(1);

    // Failures repeat at least this often; what is not reported again has gone to another node.
    private static readonly TimeSpan FailureForgotten = TimeSpan.FromMinutes(3);

    private readonly ConcurrentDictionary<(string Role, string What), Entry> _open = new();

    /// <summary>Says that work has failed. It is forgotten after three minutes unless it fails again.</summary>
    /// <param name="role">The role that it belongs to: "detect".</param>
    /// <param name="what">The work: "partition 3 of gpu-metrics-raw".</param>
    /// <param name="cause">Why, in words.</param>
    public void Failed(string role, string what, string cause) => Report(role, what, cause, FailureForgotten);

    /// <summary>Says that work waits, until <see cref="Over"/>.</summary>
    /// <param name="role">The role that it belongs to.</param>
    /// <param name="what">The work.</param>
    /// <param name="cause">What it waits for, in words.</param>
    public void Waits(string role, string what, string cause) => Report(role, what, cause, TimeSpan.MaxValue);

    /// <summary>Says that work gets on. Costs one comparison while there is no trouble.</summary>
    public void Over(string role, string what)
    {
        if (!_open.IsEmpty)
        {
            _open.TryRemove((role, what), out _);
        }
    }

    /// <summary>Whether there is any, lasting or not.</summary>
    public bool Any => !_open.IsEmpty;

    /// <summary>The troubles that last, by role and work.</summary>
    public IReadOnlyList<Trouble> Lasting() =>
        [
            .. Open()
                .Where(t => t.Age >= LastingAfter || (t.Reports >= Repeated && t.Age >= RepeatedAfter))
                .OrderBy(t => t.Role, StringComparer.Ordinal)
                .ThenBy(t => t.What, StringComparer.Ordinal),
        ];

    /// <summary>Whether a role has a trouble that lasts.</summary>
    public bool Has(string role) => Any && Lasting().Any(trouble => trouble.Role == role);

    /// <summary>Age of the oldest trouble of each role, lasting or not, for the metric.</summary>
    internal IEnumerable<(string Role, double Seconds)> Ages() =>
        Open().GroupBy(open => open.Role, (role, open) => (role, open.Max(o => o.Age.TotalSeconds)));

    private void Report(string role, string what, string cause, TimeSpan forgetAfter) =>
        _open.AddOrUpdate(
            (role, what),
            _ => new Entry(time.GetTimestamp(), time.GetTimestamp(), 1, cause, forgetAfter),
            (_, entry) =>
                IsForgotten(entry)
                    ? new Entry(time.GetTimestamp(), time.GetTimestamp(), 1, cause, forgetAfter)
                    : entry with
                    {
                        Last = time.GetTimestamp(),
                        Reports = entry.Reports + 1,
                        Cause = cause,
                    }
        );

    private IEnumerable<Trouble> Open() =>
        _open
            .Where(open => !IsForgotten(open.Value))
            .Select(open => new Trouble(
                open.Key.Role,
                open.Key.What,
                open.Value.Cause,
                time.GetElapsedTime(open.Value.Since),
                open.Value.Reports
            ));

    private bool IsForgotten(Entry entry) => time.GetElapsedTime(entry.Last) > entry.ForgetAfter;

    private sealed record Entry(long Since, long Last, int Reports, string Cause, TimeSpan ForgetAfter);
}
