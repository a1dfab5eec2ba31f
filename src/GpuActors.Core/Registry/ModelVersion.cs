using System.Collections.Immutable;

namespace GpuActors.Core.Registry;

/// <summary>A version of a registered model. Its content never changes; its stage, its aliases and its mirror do.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Number">From 1, ascending per model.</param>
/// <param name="Stage">What it is used for.</param>
/// <param name="CreatedMs">When it was registered, in Unix milliseconds.</param>
/// <param name="Size">Length of the model in bytes.</param>
/// <param name="Sha256">SHA-256 of the model, as 64 lower-case hexadecimal digits.</param>
public sealed record ModelVersion(string Model, int Number, ModelStage Stage, long CreatedMs, long Size, string Sha256)
{
    /// <summary>The run that has trained it; null if it came from a file.</summary>
    public string? RunId { get; init; }

    /// <summary>What it is, in words; can be empty.</summary>
    public string Description { get; init; } = "";

    /// <summary>The aliases that lead to it, in order.</summary>
    public ImmutableArray<string> Aliases { get; init; } = [];

    /// <summary>Its number on the MLflow server; null if it is not there.</summary>
    public string? MirrorVersion { get; init; }

    /// <summary>Its address by number.</summary>
    public string Address => FormattableString.Invariant($"models:/{Model}/{Number}");
}
