namespace GpuActors.Core.Registry;

/// <summary>A version of a registered model: by number, by alias or by stage; without any of them the newest.</summary>
/// <param name="Name">Name of the model.</param>
public sealed record RegisteredModelAddress(string Name) : ModelAddress
{
    /// <summary>Number of the version; null if the address does not name it.</summary>
    public int? Version { get; init; }

    /// <summary>Stage, of which the newest version is meant; null if the address does not name it.</summary>
    public ModelStage? Stage { get; init; }

    /// <summary>Alias; null if the address does not name it.</summary>
    public string? Alias { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        Alias is not null
            ? $"models:/{Name}@{Alias}"
            : FormattableString.Invariant($"models:/{Name}/{Version?.ToString() ?? Stage?.ToString() ?? "latest"}");
}
