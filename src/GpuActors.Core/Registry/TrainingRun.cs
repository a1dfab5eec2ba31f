using System.Collections.Immutable;

namespace GpuActors.Core.Registry;

/// <summary>One training: what went in and what came out. A run is written when it has ended and does not change any more.</summary>
/// <param name="Id">32 lower-case hexadecimal digits, the form of MLflow's run ids.</param>
/// <param name="Experiment">Name of the group of runs that are compared with each other.</param>
/// <param name="Name">Name for people; need not be unique.</param>
/// <param name="Status">How it has ended.</param>
/// <param name="StartedMs">Start in Unix milliseconds.</param>
/// <param name="EndedMs">End in Unix milliseconds.</param>
public sealed record TrainingRun(string Id, string Experiment, string Name, RunStatus Status, long StartedMs, long EndedMs)
{
    /// <summary>Version of the executable that has trained, with its commit if the build knows it.</summary>
    public string CodeVersion { get; init; } = "";

    /// <summary>What the run was trained from, in words, such as the name of a file.</summary>
    public string DataSource { get; init; } = "";

    /// <summary>SHA-256 of the data, as 64 lower-case hexadecimal digits; null if it has none.</summary>
    public string? DataFingerprint { get; init; }

    /// <summary>Settings of the training.</summary>
    public ImmutableSortedDictionary<string, string> Parameters { get; init; } = Empty<string>();

    /// <summary>Results. NaN is a figure that could not be computed.</summary>
    public ImmutableSortedDictionary<string, double> Metrics { get; init; } = Empty<double>();

    /// <summary>What else is to be found by.</summary>
    public ImmutableSortedDictionary<string, string> Tags { get; init; } = Empty<string>();

    /// <summary>Files that the run has left, in order of path. The store fills it.</summary>
    public ImmutableArray<RunArtifact> Artifacts { get; init; } = [];

    /// <summary>Whether the run is on an MLflow server too; null if none was configured.</summary>
    public RunMirror? Mirror { get; init; }

    private static ImmutableSortedDictionary<string, T> Empty<T>() => ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal);
}
