using System.Collections;

namespace GpuActors.Host.Configuration;

/// <summary>
/// Puts the layers together: <c>--set</c> over environment over <c>--config</c> files (a later one over an earlier) over the files inside
/// the executable; and refuses keys that nobody reads.
/// </summary>
internal static class ConfigLoader
{
    private static readonly string[] Embedded = ["reference.conf", "rules.conf", "xid-policy.conf", "gpu-models.conf"];

    // Sections whose keys are the user's own.
    private static readonly string[] FreeSections =
    [
        "gpu-actors.kafka.properties.",
        XidPolicyReader.Codes + ".",
        GpuModelsReader.Models + ".",
        TopologyReader.Hosts + ".",
        IncidentCausesReader.Causes + ".",
    ];

    /// <summary>
    /// Loads all layers. <paramref name="overrides"/> (what a command itself decides, such as the demo's addresses) is weaker than what the
    /// user says and stronger than the defaults.
    /// </summary>
    /// <param name="files">Files given with <c>--config</c>.</param>
    /// <param name="sets"><c>key=value</c> of the command line.</param>
    /// <param name="environment">The environment.</param>
    /// <param name="overrides">What the command decides; null for nothing.</param>
    /// <param name="isolation">Which keys of files and environment are left out; null for none.</param>
    /// <exception cref="ConfigurationException">A file cannot be read, or a key is unknown.</exception>
    public static LayeredConfig Load(
        IReadOnlyList<string> files,
        IReadOnlyList<string> sets,
        IDictionary environment,
        ConfigLayer? overrides = null,
        ConfigIsolation? isolation = null
    )
    {
        var embedded = EmbeddedLayers();
        List<ConfigLayer> layers = [CommandLineLayer.Read(sets), EnvironmentLayer.Read(environment)];
        layers.AddRange(files.Reverse().Select(ReadFile));
        var known = embedded.SelectMany(layer => layer.Entries.Keys).ToHashSet(StringComparer.Ordinal);
        CheckKeys(layers, known);
        if (isolation is not null)
        {
            ConfigIsolation.Check(layers[0]);
            layers = [layers[0], .. layers.Skip(1).Select(isolation.Filter)];
        }

        return new LayeredConfig([.. layers, .. overrides is null ? Array.Empty<ConfigLayer>() : [overrides], .. embedded]);
    }

    /// <summary>The files inside the executable.</summary>
    public static IReadOnlyList<ConfigLayer> EmbeddedLayers() =>
        [
            .. Embedded
                .Select(name => (Name: name, Text: EmbeddedText("hocon/" + name)))
                .Where(file => file.Text is not null)
                .Select(file => HoconReader.Read(file.Text!, "built-in " + file.Name)),
        ];

    private static string? EmbeddedText(string name)
    {
        using var stream = typeof(ConfigLoader).Assembly.GetManifestResourceStream(name);
        if (stream is null)
        {
            return null;
        }

        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static ConfigLayer ReadFile(string path)
    {
        try
        {
            return HoconReader.Read(File.ReadAllText(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"--config {path}: cannot be read: {e.Message}");
        }
    }

    private static void CheckKeys(List<ConfigLayer> layers, HashSet<string> known)
    {
        var problems = new List<string>();
        foreach (var layer in layers)
        {
            foreach (var key in layer.Entries.Keys.Where(key => !known.Contains(key) && !Array.Exists(FreeSections, key.StartsWith)))
            {
                var hint = known.Any(k => k.StartsWith(key + ".", StringComparison.Ordinal))
                    ? "it is a section, not a value"
                    : $"the nearest known key is {NearestText.Of(key, known)}";
                problems.Add($"{key} ({layer.Source}): unknown key: {hint}");
            }
        }

        if (problems.Count > 0)
        {
            throw new ConfigurationException(problems);
        }
    }
}
