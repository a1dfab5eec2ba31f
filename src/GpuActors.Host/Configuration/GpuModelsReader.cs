using System.Globalization;
using GpuActors.Core.Rules;

namespace GpuActors.Host.Configuration;

/// <summary>
/// Reads <c>gpu-actors.gpu-models</c>: a table whose products are the user's own. A product that a file adds needs all keys; one that is
/// listed may be changed key by key.
/// </summary>
internal static class GpuModelsReader
{
    /// <summary>The part of it with one section per product.</summary>
    public const string Models = Section + ".models";

    private const string Section = "gpu-actors.gpu-models";

    private static readonly string[] Keys =
    [
        "match",
        "gpu-max-celsius",
        "slowdown-celsius",
        "memory-max-celsius",
        "slowdown-margin-celsius",
        "pcie-generation",
        "pcie-lanes",
    ];

    /// <summary>Reads the whole table.</summary>
    /// <exception cref="ConfigurationException">It names every key at fault.</exception>
    public static GpuModelPolicy Read(LayeredConfig config)
    {
        var problems = new List<string>();
        var models = new List<GpuModelLimits>();
        foreach (var model in config.KeysUnder(Models).GroupBy(key => key.Split('.')[0], StringComparer.Ordinal))
        {
            problems.AddRange(
                model
                    .Where(key => !Keys.Contains(key[Math.Min(key.Length, model.Key.Length + 1)..]))
                    .Select(key => $"{Models}.{key}: unknown key: a product has {string.Join(", ", Keys)}")
            );
            if (Limits(config, $"{Models}.{model.Key}", problems) is { } limits)
            {
                models.Add(limits);
            }
        }

        var other = Limits(config, Section + ".other", problems);
        return problems.Count > 0 ? throw new ConfigurationException(problems) : new GpuModelPolicy { Other = other!, Models = models };
    }

    private static GpuModelLimits? Limits(LayeredConfig config, string path, List<string> problems)
    {
        try
        {
            return new GpuModelLimits(
                config.RequiredText(path + ".match"),
                Celsius(config, path + ".gpu-max-celsius"),
                Celsius(config, path + ".slowdown-celsius"),
                Celsius(config, path + ".memory-max-celsius"),
                config.RequiredText(path + ".slowdown-margin-celsius") == "none"
                    ? null
                    : (double)config.Required(path + ".slowdown-margin-celsius", typeof(double)),
                config.RequiredInt(path + ".pcie-generation"),
                config.RequiredInt(path + ".pcie-lanes")
            );
        }
        catch (ConfigurationException e)
        {
            problems.AddRange(e.Problems);
            return null;
        }
    }

    private static double Celsius(LayeredConfig config, string path)
    {
        var value = (double)config.Required(path, typeof(double));
        return value is > 0 and <= 150
            ? value
            : throw new ConfigurationException(
                $"{path} = {value.ToString(CultureInfo.InvariantCulture)}: more than 0 and at most 150 °C is wanted"
            );
    }
}
