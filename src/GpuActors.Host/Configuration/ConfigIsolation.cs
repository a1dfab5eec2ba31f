namespace GpuActors.Host.Configuration;

/// <summary>
/// Leaves out what leads to systems outside of the process, for a command that brings its own. Files and environment variables are often
/// set for another command.
/// </summary>
internal sealed class ConfigIsolation
{
    private static readonly string[] Sections =
    [
        "gpu-actors.kafka.",
        "gpu-actors.storage.",
        "gpu-actors.journal.",
        "gpu-actors.node.",
        "gpu-actors.api.",
        "gpu-actors.collector.targets",
        "gpu-actors.collector.kernel-log",
    ];

    // Bounds and intervals reach no other system.
    private static readonly string[] Tuning =
    [
        "gpu-actors.kafka.consumer.",
        "gpu-actors.kafka.producer.",
        "gpu-actors.kafka.topics.",
        "gpu-actors.node.stop-timeout",
        "gpu-actors.node.reload-interval",
    ];

    private readonly SortedSet<string> _ignored = new(StringComparer.Ordinal);

    /// <summary>What was left out, as its author wrote it: names of variables, and keys with their file.</summary>
    public IReadOnlyCollection<string> Ignored => _ignored;

    /// <summary>Whether a key leads outside.</summary>
    public static bool LeadsOutside(string key) => Array.Exists(Sections, key.StartsWith);

    /// <summary>Refuses a command line that leads outside: whoever wrote it meant this command.</summary>
    /// <exception cref="ConfigurationException">It has such a key; the message names the option that allows it.</exception>
    public static void Check(ConfigLayer commandLine)
    {
        var outside = commandLine.Entries.Keys.Where(key => LeadsOutside(key) && !Array.Exists(Tuning, key.StartsWith)).ToList();
        if (outside.Count > 0)
        {
            throw new ConfigurationException(
                $"{string.Join(", ", outside)} ({commandLine.Source}): this command has its own brokers and database; add --external to "
                    + "use others"
            );
        }
    }

    /// <summary>The layer without keys that lead outside, and without settings of Akka.</summary>
    public ConfigLayer Filter(ConfigLayer layer)
    {
        foreach (var key in layer.Entries.Keys.Where(LeadsOutside))
        {
            _ignored.Add(layer.Source == EnvironmentLayer.Source ? EnvironmentLayer.NameOf(key) : $"{key} ({layer.Source})");
        }

        if (layer.Akka is not null)
        {
            _ignored.Add($"akka ({layer.Source})");
        }

        return layer with
        {
            Entries = layer
                .Entries.Where(entry => !LeadsOutside(entry.Key))
                .ToDictionary(entry => entry.Key, entry => entry.Value, StringComparer.Ordinal),
            Akka = null,
        };
    }
}
