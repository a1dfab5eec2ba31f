namespace GpuActors.Host.Settings;

/// <summary>This process as a member of the cluster.</summary>
internal sealed record NodeSettings
{
    /// <summary>Name by which other nodes reach this one. Default <c>127.0.0.1</c>: a cluster of one machine.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Port for other nodes, 0 (default) for a free one; fixed in a cluster, where others must find it.</summary>
    public int Port { get; init; }

    /// <summary>Nodes to join through, <c>host:port</c>, the same list on every node. Empty (default): this node forms a cluster of its own.</summary>
    public IReadOnlyList<string> Seeds { get; init; } = [];

    /// <summary>What this node does: <c>detect</c>, <c>store</c>, <c>collect</c>. Default detect and store.</summary>
    public IReadOnlyList<string> Roles { get; init; } = ["detect", "store"];

    /// <summary>How long a stop may take: finishing batches, flushing rows and producers, leaving the cluster. Default 30 s.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often <c>--config</c> files are looked at for changed rules. Default 2 s; 0 is never.</summary>
    public TimeSpan ReloadInterval { get; init; } = TimeSpan.FromSeconds(2);

    private static readonly string[] s_known = ["detect", "store", "collect"];

    /// <summary>What is wrong with these settings.</summary>
    public IEnumerable<string> Validate()
    {
        if (Port is < 0 or > 65_535)
        {
            yield return $"port = {Port}: give 0 (a free port) to 65535";
        }

        foreach (var role in Roles.Where(role => !s_known.Contains(role)))
        {
            yield return $"roles = {role}: give any of {string.Join(", ", s_known)}";
        }

        if (ReloadInterval < TimeSpan.Zero)
        {
            yield return $"reload-interval = {ReloadInterval}: give 0 (never) or a positive time";
        }

        if (Roles.Count == 0)
        {
            yield return $"roles is empty: give any of {string.Join(", ", s_known)}";
        }

        foreach (var seed in Seeds.Where(seed => seed.LastIndexOf(':') is var colon && (colon <= 0 || !ushort.TryParse(seed[(colon + 1)..], out var port) || port == 0)))
        {
            yield return $"seeds = {seed}: give host:port";
        }
    }
}
