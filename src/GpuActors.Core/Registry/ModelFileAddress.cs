namespace GpuActors.Core.Registry;

/// <summary>A model in a file.</summary>
/// <param name="Path">Path of the file.</param>
public sealed record ModelFileAddress(string Path) : ModelAddress
{
    /// <inheritdoc/>
    public override string ToString() => Path;
}
