using Microsoft.Extensions.Logging;

namespace GpuActors.Collector.Common;

/// <summary>Log events of the collector, 1000 to 1999.</summary>
internal static partial class CollectorLog
{
    /// <summary>An exporter begins to fail. Logged once until it recovers.</summary>
    [LoggerMessage(1001, LogLevel.Warning, "{Target}: {Fault}; retrying every {IntervalSeconds} s")]
    public static partial void ExporterFails(this ILogger logger, Uri target, string fault, double intervalSeconds);

    /// <summary>An exporter works again.</summary>
    [LoggerMessage(1002, LogLevel.Information, "{Target}: recovered")]
    public static partial void ExporterRecovered(this ILogger logger, Uri target);

    /// <summary>A page lacks fields that alerts need. Logged once per field.</summary>
    [LoggerMessage(
        1003,
        LogLevel.Warning,
        "The page of an exporter lacks {Fields}: alerts that need these fields cannot fire. "
            + "To see which fields to enable, run gpuactors doctor --target {Target}"
    )]
    public static partial void FieldsMissing(this ILogger logger, string fields, Uri target);

    /// <summary>A log file cannot be read. Logged once until it can.</summary>
    [LoggerMessage(
        1011,
        LogLevel.Warning,
        "kernel log {Path}: {Fault}; waiting for the file. "
            + "Give a file that this user may read (often a member of the group adm), or journal"
    )]
    public static partial void LogFileFails(this ILogger logger, string path, string fault);

    /// <summary>A log file can be read again.</summary>
    [LoggerMessage(1012, LogLevel.Information, "kernel log {Path}: reading")]
    public static partial void LogFileRecovered(this ILogger logger, string path);

    /// <summary>journalctl has ended and is restarted.</summary>
    [LoggerMessage(1013, LogLevel.Warning, "kernel log: {Reason}; restarting it in {PauseSeconds} s")]
    public static partial void JournalEnded(this ILogger logger, string reason, double pauseSeconds);

    /// <summary>A report cannot be assigned to a GPU. Logged once until one can.</summary>
    [LoggerMessage(
        1014,
        LogLevel.Warning,
        "kernel log: no scraped exporter shows exactly one GPU at {Place} ({Report}): add the host's exporter to collector.targets, "
            + "and set collector.kernel-log-host to the host name on its page"
    )]
    public static partial void ReportUnplaced(this ILogger logger, string place, string report);

    /// <summary>The saved state cannot be used.</summary>
    [LoggerMessage(
        1015,
        LogLevel.Warning,
        "kernel log: the saved state {Path} is ignored: {Fault}. The log is read from collector.kernel-log-from; "
            + "GPUs are known once their exporters have answered"
    )]
    public static partial void StateIgnored(this ILogger logger, string path, string fault);

    /// <summary>The state cannot be saved. Logged once until it can.</summary>
    [LoggerMessage(
        1016,
        LogLevel.Warning,
        "kernel log: the state cannot be saved in {Path}: {Fault}. After a restart, XIDs of the meantime are missing. "
            + "Set collector.state-directory to a directory that this user may write to"
    )]
    public static partial void StateNotSaved(this ILogger logger, string path, string fault);

    /// <summary>The file of the saved position is gone.</summary>
    [LoggerMessage(
        1017,
        LogLevel.Warning,
        "kernel log {Path}: the file that was read last is neither there nor beside it (rotated and compressed?). "
            + "Reading from the start, up to collector.kernel-log-max-age back"
    )]
    public static partial void LogPositionLost(this ILogger logger, string path);
}
