namespace GpuActors.Collector.KernelLogs;

/// <summary>How far a kernel log has been read.</summary>
internal sealed record LogCursor
{
    /// <summary>Bytes of a log file that have been read.</summary>
    public long Offset { get; init; }

    /// <summary>
    /// Hash of the start of the file and of the bytes before <see cref="Offset"/>, which tells the file from another one, also after it
    /// was renamed or copied; empty when nothing was read.
    /// </summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>Cursor of the last entry of the journal, as journalctl names it; empty for a file, and before the first entry.</summary>
    public string Journal { get; init; } = "";

    /// <summary>A time up to which the journal has been read, Unix milliseconds; 0 for a file.</summary>
    public long JournalTimeMs { get; init; }
}
