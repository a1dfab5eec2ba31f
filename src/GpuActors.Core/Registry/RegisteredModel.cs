using System.Collections.Immutable;

namespace GpuActors.Core.Registry;

/// <summary>A model with all its versions.</summary>
/// <param name="Name">Its name.</param>
/// <param name="CreatedMs">When its first version was registered, in Unix milliseconds.</param>
/// <param name="Versions">By ascending number; at least one.</param>
public sealed record RegisteredModel(string Name, long CreatedMs, ImmutableArray<ModelVersion> Versions)
{
    /// <summary>The version in production; null if there is none.</summary>
    public ModelVersion? Production => Versions.FirstOrDefault(version => version.Stage == ModelStage.Production);

    /// <summary>Finds the version that an address means: of several in a stage the newest.</summary>
    /// <exception cref="ModelNotFoundException">There is none.</exception>
    public ModelVersion Resolve(RegisteredModelAddress address)
    {
        var found = address switch
        {
            { Version: { } number } => Versions.FirstOrDefault(version => version.Number == number),
            { Alias: { } alias } => Versions.FirstOrDefault(version => version.Aliases.Contains(alias)),
            { Stage: { } stage } => Versions.LastOrDefault(version => version.Stage == stage),
            _ => Versions[^1],
        };
        return found ?? throw new ModelNotFoundException($"{address}: {Missing(address)}");
    }

    private string Missing(RegisteredModelAddress address)
    {
        if (address.Version is not null)
        {
            return $"{Name} has the versions {Versions[0].Number} to {Versions[^1].Number}: name one of them";
        }

        if (address.Alias is null)
        {
            return $"no version of {Name} is in stage {address.Stage}: move one there with gpuactors model promote, or name a version";
        }

        var aliases = Versions.SelectMany(version => version.Aliases).Order(StringComparer.Ordinal).ToList();
        return aliases.Count == 0
            ? $"{Name} has no alias: set it with gpuactors model alias, or name a version or a stage"
            : $"{Name} has the aliases {string.Join(", ", aliases)}: name one of them, or set it with gpuactors model alias";
    }
}
