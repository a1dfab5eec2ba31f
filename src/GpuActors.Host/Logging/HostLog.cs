using Microsoft.Extensions.Logging;

namespace GpuActors.Host.Logging;

/// <summary>Log events of the host, 2000 to 2999.</summary>
internal static partial class HostLog
{
    /// <summary>Changed rules are in force.</summary>
    [LoggerMessage(2001, LogLevel.Information, "Rules of {Files} are in force; other keys come into force at the next start")]
    public static partial void RulesReplaced(this ILogger logger, string files);

    /// <summary>A changed file is invalid.</summary>
    [LoggerMessage(2002, LogLevel.Warning, "{Files} refused, the rules in force stay: {Problems}")]
    public static partial void RulesRefused(this ILogger logger, string files, string problems);

    /// <summary>The process of the only node of a cluster did not run for a while.</summary>
    [LoggerMessage(2011, LogLevel.Warning, "The process did not run for {Seconds:0.0} s, as on a suspended machine")]
    public static partial void StoodStill(this ILogger logger, double seconds);

    /// <summary>Part of a stop was not finished in time.</summary>
    [LoggerMessage(
        2012,
        LogLevel.Warning,
        "The stop goes on without {What}, which was not finished within node.stop-timeout ({Seconds:0.#} s)"
    )]
    public static partial void StopUnfinished(this ILogger logger, string what, double seconds);

    /// <summary>Records of a collector are not delivered.</summary>
    [LoggerMessage(2031, LogLevel.Error, "Kafka does not take the collector's records, so they are buffered: {Fault}. {Remedy}")]
    public static partial void DeliveryFails(this ILogger logger, string fault, string remedy);

    /// <summary>Records of a collector are delivered again.</summary>
    [LoggerMessage(
        2032,
        LogLevel.Warning,
        "Kafka takes the collector's records again after {Seconds:0.0} s; {Buffered} are still to be delivered, {Dropped} were dropped"
    )]
    public static partial void DeliveryRecovered(this ILogger logger, double seconds, long buffered, long dropped);

    /// <summary>The buffer of a collector is full.</summary>
    [LoggerMessage(
        2033,
        LogLevel.Error,
        "The collector's buffer is full with {Buffered} records: the oldest samples are dropped. "
            + "Its bounds are collector.buffer-time, collector.buffer-memory-bytes and collector.buffer-disk-bytes"
    )]
    public static partial void BufferFull(this ILogger logger, long buffered);

    /// <summary>The buffer of a collector has no files.</summary>
    [LoggerMessage(
        2034,
        LogLevel.Error,
        "The collector's buffer cannot use files in {Directory}: {Fault}. It is limited to collector.buffer-memory-bytes. "
            + "Set collector.state-directory to a directory that this user may write to"
    )]
    public static partial void BufferWithoutFiles(this ILogger logger, string directory, string fault);

    /// <summary>A collector works without its endpoint.</summary>
    [LoggerMessage(
        2035,
        LogLevel.Warning,
        "collector.endpoint: cannot listen on {Host}:{Port} ({Fault}), so there are no /metrics and /health. "
            + "Set collector.endpoint.port to another port, or to 0 for a free one"
    )]
    public static partial void CollectEndpointFailed(this ILogger logger, string host, int port, string fault);

    /// <summary>An HTTP request failed unexpectedly.</summary>
    [LoggerMessage(2021, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void RequestFailed(this ILogger logger, Exception? exception, string method, string path);
}
