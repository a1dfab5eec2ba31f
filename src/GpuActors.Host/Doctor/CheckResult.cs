namespace GpuActors.Host.Doctor;

/// <summary>How a check ended.</summary>
internal enum CheckStatus
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>It works, but something is less than it could be.</summary>
    Warn,

    /// <summary>It does not work.</summary>
    Fail,
}

/// <summary>One line of <c>gpuactors doctor</c>.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Status">How it is.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Remedy">What to do, in one or several lines; empty where nothing is to be done.</param>
internal sealed record CheckResult(string Name, CheckStatus Status, string Detail, string Remedy = "");
