namespace GpuActors.Collector.Common;

/// <summary>Scraping exporters (<c>gpu-actors.collector</c>).</summary>
public sealed record CollectorSettings
{
    /// <summary>Pages to scrape, such as <c>http://node1:9400/metrics</c>. Default empty.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>
    /// Time between two scrapes of an exporter, 100 ms to 1 h. Default 1 s. It bounds how fast an alert can follow a fault; dcgm-exporter
    /// must collect as often (<c>-c 1000</c>).
    /// </summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Largest random delay of an exporter's first scrape, 0 to 1 h. Default 1 s. It spreads the scrapes of many exporters; a delay over
    /// the interval is limited to the interval.
    /// </summary>
    public TimeSpan Jitter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait for a page, up to 10 min. Default 3 s. Scrapes that fall into the wait are skipped.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Largest page in bytes after decompression, 64 KiB to 1 GiB. Default 16 MiB; 8 GPUs with all DCGM fields take less than 1
    /// MiB.</summary>
    public int MaxPageBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Host of the GPUs of a page that names none. Default <c>target</c>, the host in the target's URL.</summary>
    public HostFallback HostFallback { get; init; } = HostFallback.Target;

    /// <summary>Format of the samples. Default JSON.</summary>
    public SampleFormat Format { get; init; } = SampleFormat.Json;

    /// <summary>Kernel log to follow: a file, <c>journal</c> for the systemd journal, or empty (default) for none.</summary>
    public string KernelLog { get; init; } = "";

    /// <summary>Where to start in the kernel log without a saved position. Default <c>end</c>.</summary>
    public KernelLogStart KernelLogFrom { get; init; } = KernelLogStart.End;

    /// <summary>
    /// Reports that were in the log before it was followed are skipped and counted when they are older, at most 10 years. Default 24 h. It
    /// does not apply to what was logged since the saved position.
    /// </summary>
    public TimeSpan KernelLogMaxAge { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// Directory for what must survive a restart: the position in the kernel log, reports on their way, and the GPUs by PCI bus id. Created
    /// on demand. Default <c>gpuactors-state</c> in the working directory; empty for none.
    /// </summary>
    public string StateDirectory { get; init; } = "gpuactors-state";

    /// <summary>
    /// Host of the kernel log, as its exporter's page names it, for lines that name no scraped host. Default empty: the name of this
    /// machine, or the only host that is scraped.
    /// </summary>
    public string KernelLogHost { get; init; } = "";

    /// <summary>
    /// How long samples are kept while the brokers are away or refuse them, 1 s to 7 d; older ones are dropped first. Default 1 h.
    /// </summary>
    public TimeSpan BufferTime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Memory for these samples in bytes, from 1 MiB. Default 64 MiB: an hour of 8 GPUs at 1 s takes about 40 MiB.</summary>
    public long BufferMemoryBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>
    /// Largest size in bytes of the files for these samples in <see cref="StateDirectory"/>, used when the memory is full. Default 64 GiB,
    /// an hour of 10,000 GPUs at 1 s; 0 for memory only. A twentieth of the file system stays free in any case.
    /// </summary>
    public long BufferDiskBytes { get; init; } = 64L * 1024 * 1024 * 1024;

    /// <summary>Problems of these settings, each with key, value and remedy; empty when they are valid.</summary>
    public IEnumerable<string> Validate()
    {
        foreach (
            var target in Targets.Where(target =>
                !Uri.TryCreate(target, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")
            )
        )
        {
            yield return $"targets = {target}: must be the full URL of an exporter's page, such as http://node1:9400/metrics";
        }

        foreach (var twice in Targets.GroupBy(target => target, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            yield return $"targets = {twice.Key}: listed more than once, which would duplicate its samples; remove one";
        }

        if (Interval < TimeSpan.FromMilliseconds(100) || Interval > TimeSpan.FromHours(1))
        {
            yield return $"interval = {Interval}: must be 100ms to 1h";
        }

        if (Jitter < TimeSpan.Zero || Jitter > TimeSpan.FromHours(1))
        {
            yield return $"jitter = {Jitter}: must be 0 to 1h";
        }

        if (Timeout <= TimeSpan.Zero || Timeout > TimeSpan.FromMinutes(10))
        {
            yield return $"timeout = {Timeout}: must be positive and at most 10m";
        }

        if (KernelLog.Length > 0 && Directory.Exists(KernelLog))
        {
            yield return $"kernel-log = {KernelLog}: is a folder; give a file such as /var/log/kern.log, or journal";
        }

        if (KernelLogMaxAge <= TimeSpan.Zero || KernelLogMaxAge > TimeSpan.FromDays(3650))
        {
            yield return $"kernel-log-max-age = {KernelLogMaxAge}: must be positive and at most 3650d";
        }

        if (File.Exists(StateDirectory))
        {
            yield return $"state-directory = {StateDirectory}: is a file; give a directory";
        }

        if (BufferTime < TimeSpan.FromSeconds(1) || BufferTime > TimeSpan.FromDays(7))
        {
            yield return $"buffer-time = {BufferTime}: must be 1s to 7d";
        }

        if (BufferMemoryBytes < 1024 * 1024)
        {
            yield return $"buffer-memory-bytes = {BufferMemoryBytes}: must be at least 1 MiB";
        }

        if (BufferDiskBytes < 0)
        {
            yield return $"buffer-disk-bytes = {BufferDiskBytes}: must be 0 (memory only) or more";
        }

        if (MaxPageBytes is < 64 * 1024 or > 1024 * 1024 * 1024)
        {
            yield return $"max-page-bytes = {MaxPageBytes}: must be 64 KiB to 1 GiB";
        }
    }
}
