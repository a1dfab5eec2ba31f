namespace GpuActors.Host.Collecting;

/// <summary>Scraping exporters (<c>gpu-actors.collector</c>).</summary>
internal sealed record CollectorSettings
{
    /// <summary>Pages to scrape, such as <c>http://node1:9400/metrics</c>. Default empty.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>
    /// Time between two scrapes of an exporter. Default 1 s: an alert can't be younger than its sample. dcgm-exporter must collect as often
    /// (<c>-c 1000</c>).
    /// </summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Largest random shift of an exporter's first scrape. Default 1 s: exporters are not all asked in the same millisecond. At most the
    /// interval is used.
    /// </summary>
    public TimeSpan Jitter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait for a page. Default 3 s; scrapes that fall into it are left out, since one is in flight at most.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Largest page, in bytes after decompression. Default 16 MiB: 8 GPUs with all of DCGM's fields are below 1 MiB.</summary>
    public int MaxPageBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>How samples are written. Default JSON: any tool can read the topic.</summary>
    public SampleFormat Format { get; init; } = SampleFormat.Json;

    /// <summary>Kernel log to follow: a file, <c>journal</c> for systemd's, or empty (default) for none.</summary>
    public string KernelLog { get; init; } = "";

    /// <summary>Where to start in it. Default <c>end</c>: what is news.</summary>
    public KernelLogStart KernelLogFrom { get; init; } = KernelLogStart.End;

    /// <summary>
    /// Host that the log is of, as its exporter's rows name it, where lines name no host that is scraped. Default empty: this machine's
    /// name, or the only host that is scraped.
    /// </summary>
    public string KernelLogHost { get; init; } = "";

    /// <summary>What is wrong with these settings.</summary>
    public IEnumerable<string> Validate()
    {
        foreach (
            var target in Targets.Where(target =>
                !Uri.TryCreate(target, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")
            )
        )
        {
            yield return $"targets = {target}: give the whole URL of an exporter's page, such as http://node1:9400/metrics";
        }

        foreach (var twice in Targets.GroupBy(target => target, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            yield return $"targets = {twice.Key} is there twice: its samples would be too";
        }

        if (Interval < TimeSpan.FromMilliseconds(100) || Interval > TimeSpan.FromHours(1))
        {
            yield return $"interval = {Interval}: give 100ms to 1h";
        }

        if (Jitter < TimeSpan.Zero || Jitter > TimeSpan.FromHours(1))
        {
            yield return $"jitter = {Jitter}: give 0 to 1h";
        }

        if (Timeout <= TimeSpan.Zero || Timeout > TimeSpan.FromMinutes(10))
        {
            yield return $"timeout = {Timeout}: give a positive time up to 10m";
        }

        if (KernelLog.Length > 0 && Directory.Exists(KernelLog))
        {
            yield return $"kernel-log = {KernelLog} is a folder: give a file such as /var/log/kern.log, or journal";
        }

        if (MaxPageBytes is < 64 * 1024 or > 1024 * 1024 * 1024)
        {
            yield return $"max-page-bytes = {MaxPageBytes}: give 64 KiB to 1 GiB";
        }
    }
}
