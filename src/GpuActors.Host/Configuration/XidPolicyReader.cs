using System.Globalization;
using GpuActors.Core.Alerts;
using GpuActors.Core.Rules;

namespace GpuActors.Host.Configuration;

/// <summary>
/// Reads <c>gpu-actors.xid-policy</c>: a table whose codes are the user's own. A code that a file adds needs severity, action and summary;
/// one that is listed already may be changed key by key.
/// </summary>
internal static class XidPolicyReader
{
    /// <summary>The section.</summary>
    public const string Section = "gpu-actors.xid-policy";

    /// <summary>The part of it with one section per code.</summary>
    public const string Codes = Section + ".codes";

    private static readonly string[] Keys = ["severity", "action", "summary", "stays-open", "application", "ends"];

    /// <summary>Reads the whole policy.</summary>
    /// <exception cref="ConfigurationException">It names every key at fault.</exception>
    public static XidPolicy Read(LayeredConfig config)
    {
        var problems = new List<string>();
        var codes = new Dictionary<int, XidEntry>();
        foreach (var code in config.KeysUnder(Codes).GroupBy(key => key.Split('.')[0], StringComparer.Ordinal))
        {
            var path = $"{Codes}.{code.Key}";
            if (!int.TryParse(code.Key, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                problems.Add($"{path}: an XID is a whole number, such as {Codes}.79");
                continue;
            }

            problems.AddRange(
                code.Where(key => !Keys.Contains(key[(code.Key.Length + 1)..]))
                    .Select(key => $"{Codes}.{key}: unknown key: a code has {string.Join(", ", Keys)}")
            );
            if (Entry(config, path, problems) is { } entry)
            {
                codes[number] = entry;
            }
        }

        var other = Entry(config, Section + ".other", problems);
        return problems.Count > 0 ? throw new ConfigurationException(problems) : new XidPolicy { Other = other!, Codes = codes };
    }

    private static XidEntry? Entry(LayeredConfig config, string path, List<string> problems)
    {
        try
        {
            var severity = config.RequiredText(path + ".severity");
            AlertSeverity? parsed = severity switch
            {
                "none" => null,
                "info" => AlertSeverity.Info,
                "warning" => AlertSeverity.Warning,
                "critical" => AlertSeverity.Critical,
                _ => throw new ConfigurationException($"{path}.severity = \"{severity}\": expected one of none, info, warning, critical"),
            };
            var entry = new XidEntry(parsed, config.RequiredText(path + ".action"), config.RequiredText(path + ".summary"));
            return entry with
            {
                StaysOpen = Optional(config, path + ".stays-open", entry.StaysOpen),
                Application = Optional(config, path + ".application", false),
                Ends = Optional(config, path + ".ends", 0),
            };
        }
        catch (ConfigurationException e)
        {
            problems.AddRange(e.Problems);
            return null;
        }
    }

    private static T Optional<T>(LayeredConfig config, string path, T otherwise)
        where T : struct => config.Has(path) ? (T)config.Required(path, typeof(T)) : otherwise;
}
