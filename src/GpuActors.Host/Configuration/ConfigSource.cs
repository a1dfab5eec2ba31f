using System.Collections;

namespace GpuActors.Host.Configuration;

/// <summary>Where the configuration comes from, so that it can be read again while the process runs.</summary>
/// <param name="Files">Files given with <c>--config</c>.</param>
/// <param name="Sets"><c>key=value</c> of the command line.</param>
/// <param name="Environment">The environment.</param>
/// <param name="Overrides">What the command itself decides: over the defaults, under all that the user says.</param>
/// <param name="Isolation">What is left out of files and environment; null for nothing.</param>
internal sealed record ConfigSource(
    IReadOnlyList<string> Files,
    IReadOnlyList<string> Sets,
    IDictionary Environment,
    ConfigLayer? Overrides,
    ConfigIsolation? Isolation = null
)
{
    /// <summary>Reads all of it.</summary>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public HostSettings Load() => HostSettings.Bind(ConfigLoader.Load(Files, Sets, Environment, Overrides, Isolation));
}
