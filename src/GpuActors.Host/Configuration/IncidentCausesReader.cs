using GpuActors.Core.Incidents;

namespace GpuActors.Host.Configuration;

/// <summary>
/// Reads <c>gpu-actors.incidents.causes</c>: a table whose names may be the user's own. One that is listed already may be changed key by
/// key.
/// </summary>
internal static class IncidentCausesReader
{
    /// <summary>One section per cause.</summary>
    public const string Causes = "gpu-actors.incidents.causes";

    private static readonly string[] Keys = ["rules", "scopes"];

    /// <summary>All causes.</summary>
    /// <exception cref="ConfigurationException">It names every key at fault.</exception>
    public static IReadOnlyList<IncidentCause> Read(LayeredConfig config)
    {
        var problems = new List<string>();
        var causes = new List<IncidentCause>();
        foreach (var cause in config.KeysUnder(Causes).GroupBy(key => key.Split('.')[0], StringComparer.Ordinal))
        {
            var path = $"{Causes}.{cause.Key}";
            problems.AddRange(
                cause
                    .Where(key => !Keys.Contains(key[Math.Min(key.Length, cause.Key.Length + 1)..]))
                    .Select(key => $"{Causes}.{key}: unknown key: a cause has {string.Join(", ", Keys)}")
            );
            try
            {
                causes.Add(
                    new IncidentCause(cause.Key, [.. config.RequiredList(path + ".rules")], [.. config.RequiredList(path + ".scopes")])
                );
            }
            catch (ConfigurationException e)
            {
                problems.AddRange(e.Problems);
            }
        }

        return problems.Count > 0 ? throw new ConfigurationException(problems) : causes;
    }
}
