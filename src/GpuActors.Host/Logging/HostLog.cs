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

    /// <summary>An HTTP request failed unexpectedly.</summary>
    [LoggerMessage(2021, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void RequestFailed(this ILogger logger, Exception? exception, string method, string path);
}
