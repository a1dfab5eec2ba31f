using System.Collections;

namespace GpuActors.Host.Configuration;

/// <summary>
/// Environment variables as configuration: <c>GPUACTORS__KAFKA__BOOTSTRAP_SERVERS</c> is <c>gpu-actors.kafka.bootstrap-servers</c>.
/// </summary>
internal static class EnvironmentLayer
{
    /// <summary>The layer's source.</summary>
    public const string Source = "environment";

    private const string Prefix = "GPUACTORS__";

    /// <summary>The variable that sets a key.</summary>
    public static string NameOf(string path)
    {
        var own = path.StartsWith(HoconReader.Root + ".", StringComparison.Ordinal) ? path[(HoconReader.Root.Length + 1)..] : path;
        return Prefix + own.Replace(".", "__", StringComparison.Ordinal).Replace('-', '_').ToUpperInvariant();
    }

    /// <summary>Takes the variables that begin with the prefix.</summary>
    public static ConfigLayer Read(IDictionary variables)
    {
        var entries = new Dictionary<string, ConfigValue>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in variables)
        {
            if (variable.Key is string name && name.StartsWith(Prefix, StringComparison.Ordinal))
            {
                var path = name[Prefix.Length..].ToLowerInvariant().Replace("__", ".", StringComparison.Ordinal).Replace('_', '-');
                entries[$"{HoconReader.Root}.{path}"] = ConfigValue.Of(variable.Value as string ?? "");
            }
        }

        return new ConfigLayer(Source, entries);
    }
}
