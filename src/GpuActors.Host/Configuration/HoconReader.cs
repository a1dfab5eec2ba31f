using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace GpuActors.Host.Configuration;

/// <summary>HOCON text to a <see cref="ConfigLayer"/>.</summary>
internal static class HoconReader
{
    private const int MaxDepth = 20;

    /// <summary>Root of all keys of this program.</summary>
    public const string Root = "gpu-actors";

    /// <summary>Reads a file's text.</summary>
    /// <exception cref="ConfigurationException">The text is no HOCON, or has keys beside <c>gpu-actors</c> and <c>akka</c>.</exception>
    public static ConfigLayer Read(string text, string source)
    {
        HoconText.Check(text, source);
        Config config;
        try
        {
            config = string.IsNullOrWhiteSpace(text) ? Config.Empty : ConfigurationFactory.ParseString(text);
        }
        catch (Exception e)
        {
            // The parser throws several types; all of them mean that the text is no HOCON.
            throw new ConfigurationException($"{source}: not HOCON: {e.Message.ReplaceLineEndings(" ")}");
        }

        var entries = new Dictionary<string, ConfigValue>(StringComparer.Ordinal);
        if (config.Root is { IsEmpty: false } root && root.IsObject())
        {
            foreach (var (name, value) in root.GetObject().Items)
            {
                if (name == Root)
                {
                    Flatten(Root, value, entries, source, 0);
                }
                else if (name != "akka")
                {
                    throw new ConfigurationException(
                        $"{source}: unknown key {name}: keys of this program are under {Root}, those of Akka under akka"
                    );
                }
            }
        }

        var akka = config.HasPath("akka") ? config.Root.GetChildObject("akka").AtKey("akka") : null;
        return new ConfigLayer(source, entries, akka);
    }

    /// <summary>Appends a name to a path, in quotation marks where it holds a dot.</summary>
    public static string Join(string path, string name) =>
        name.Contains('.', StringComparison.Ordinal) ? $"{path}.\"{name}\"" : $"{path}.{name}";

    private static void Flatten(string path, HoconValue value, Dictionary<string, ConfigValue> into, string source, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new ConfigurationException($"{source}: {path}: nested too deeply");
        }

        if (value.IsObject())
        {
            foreach (var (name, child) in value.GetObject().Items)
            {
                Flatten(Join(path, name), child, into, source, depth + 1);
            }
        }
        else if (value.IsArray())
        {
            var items = value.GetArray().Select(item => item.GetString() ?? "").ToArray();
            into[path] = new ConfigValue(string.Join(", ", items), items);
        }
        else
        {
            into[path] = new ConfigValue(value.GetString() ?? "");
        }
    }
}
