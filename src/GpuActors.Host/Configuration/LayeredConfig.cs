using Akka.Configuration;

namespace GpuActors.Host.Configuration;

/// <summary>
/// All layers, strongest first. Reads remember their keys, so that a test can hold what is read against what the files list.
/// </summary>
internal sealed class LayeredConfig
{
    private readonly IReadOnlyList<ConfigLayer> _layers;
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    public LayeredConfig(IReadOnlyList<ConfigLayer> layers) => _layers = layers;

    /// <summary>Keys that have been asked for.</summary>
    public IReadOnlySet<string> KeysRead => _read;

    /// <summary>Everything under <c>akka</c> in any layer, the strongest first.</summary>
    public Config Akka =>
        _layers.Select(layer => layer.Akka).OfType<Config>().Aggregate(Config.Empty, (strong, weak) => strong.WithFallback(weak));

    /// <summary>The strongest layer's value and that layer, or null when no layer has the key.</summary>
    public (ConfigValue Value, string Source)? Find(string path)
    {
        _read.Add(path);
        foreach (var layer in _layers)
        {
            if (layer.Entries.TryGetValue(path, out var value))
            {
                return (value, layer.Source);
            }
        }

        return null;
    }

    /// <summary>Whether any layer has a key that may be left out.</summary>
    public bool Has(string path) => _layers.Any(layer => layer.Entries.ContainsKey(path));

    /// <summary>Paths under a section, in any layer, without the section's own name.</summary>
    public IReadOnlyList<string> KeysUnder(string section) =>
        [
            .. _layers
                .SelectMany(layer => layer.Entries.Keys)
                .Where(key =>
                    key.Length > section.Length + 1 && key.StartsWith(section, StringComparison.Ordinal) && key[section.Length] == '.'
                )
                .Select(key => key[(section.Length + 1)..])
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>The value of a key.</summary>
    /// <exception cref="ConfigurationException">No layer has it, or it is malformed.</exception>
    public object Required(string path, Type type)
    {
        var (value, source) =
            Find(path)
            ?? throw new ConfigurationException(
                $"{path}: missing: set it in a --config file, with --set {path}=…, "
                    + $"or in the environment as {EnvironmentLayer.NameOf(path)}"
            );
        return ConfigValues.Parse(type, value)
            ?? throw new ConfigurationException($"{path} = \"{value.Text}\" ({source}): expected {ConfigValues.Expected(type)}");
    }

    public string RequiredText(string path) => (string)Required(path, typeof(string));

    public int RequiredInt(string path) => (int)Required(path, typeof(int));

    public TimeSpan RequiredDuration(string path) => (TimeSpan)Required(path, typeof(TimeSpan));

    public bool RequiredBool(string path) => (bool)Required(path, typeof(bool));

    /// <summary>The elements of a list.</summary>
    /// <exception cref="ConfigurationException">No layer has it.</exception>
    public IReadOnlyList<string> RequiredList(string path)
    {
        Required(path, typeof(string));
        return Find(path)!.Value.Value.AsList();
    }

    /// <summary>A free table of texts (a section whose keys are the user's own, such as client properties), by key.</summary>
    public IReadOnlyDictionary<string, string> Table(string section)
    {
        var table = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var key in KeysUnder(section))
        {
            table[key.Replace("\"", "", StringComparison.Ordinal)] = Find(section + "." + key)!.Value.Value.Text;
        }

        return table;
    }
}
