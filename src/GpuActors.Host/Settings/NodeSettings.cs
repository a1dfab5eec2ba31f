using System.Net;

namespace GpuActors.Host.Settings;

/// <summary>This process as a member of the cluster.</summary>
internal sealed record NodeSettings
{
    /// <summary>
    /// Name or address by which other nodes reach this one; <c>auto</c> for this machine's own first address. Default <c>127.0.0.1</c>: a
    /// cluster of one machine.
    /// </summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Port for other nodes, 0 (default) for a free one; fixed in a cluster, where others must find it.</summary>
    public int Port { get; init; }

    /// <summary>
    /// Nodes to join through, the same list on every node: <c>host:port</c>, or <c>dns:NAME:PORT</c> for all addresses of a name. Empty
    /// (default): this node forms a cluster of its own.
    /// </summary>
    public IReadOnlyList<string> Seeds { get; init; } = [];

    /// <summary>
    /// What this node does: <c>detect</c>, <c>store</c>, <c>notify</c>, <c>collect</c>, <c>api</c> (HTTP of the whole fleet). Default
    /// detect, store and notify.
    /// </summary>
    public IReadOnlyList<string> Roles { get; init; } = ["detect", "store", "notify"];

    /// <summary>
    /// How long a stop may take in all: finishing batches, flushing rows and producers, leaving the cluster. 5 s to 10 min; three fifths of
    /// it are for the work in progress. Default 25 s, less than the 30 s after which container runtimes kill a process.
    /// </summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>How often <c>--config</c> files are looked at for changed rules. Default 2 s; 0 is never.</summary>
    public TimeSpan ReloadInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The <see cref="Host"/> that leaves it to the machine.</summary>
    public const string AutoHost = "auto";

    private static readonly TimeSpan MinStopTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaxStopTimeout = TimeSpan.FromMinutes(10);

    private static readonly string[] Known = ["detect", "store", "notify", "collect", "api"];

    /// <summary>Whether any role reads or writes topics.</summary>
    public bool NeedsKafka() => Roles.Any(role => role != "api");

    /// <summary>What is wrong with these settings.</summary>
    public IEnumerable<string> Validate()
    {
        if (Port is < 0 or > 65_535)
        {
            yield return $"port = {Port}: give 0 (a free port) to 65535";
        }

        foreach (var role in Roles.Where(role => !Known.Contains(role)))
        {
            yield return $"roles = {role}: give any of {string.Join(", ", Known)}";
        }

        if (ReloadInterval < TimeSpan.Zero)
        {
            yield return $"reload-interval = {ReloadInterval}: give 0 (never) or a positive time";
        }

        if (StopTimeout < MinStopTimeout || StopTimeout > MaxStopTimeout)
        {
            yield return $"stop-timeout = {StopTimeout}: give {MinStopTimeout.TotalSeconds}s to {MaxStopTimeout.TotalMinutes}m";
        }

        if (Roles.Count == 0)
        {
            yield return $"roles is empty: give any of {string.Join(", ", Known)}";
        }

        foreach (var seed in Seeds.Where(seed => SeedEntry.Parse(seed) is null))
        {
            yield return $"seeds = {seed}: give host:port, or dns:NAME:PORT";
        }

        // Only who finds its own address among the seeds may be the first.
        if (Seeds.Any(seed => SeedEntry.Parse(seed) is { IsDns: true }) && Host != AutoHost && !IPAddress.TryParse(Host, out _))
        {
            yield return $"host = {Host}: with a dns: entry in seeds give auto or this node's IP address, since seeds are known by theirs";
        }
    }
}
