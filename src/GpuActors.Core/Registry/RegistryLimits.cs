using System.Text.RegularExpressions;

namespace GpuActors.Core.Registry;

/// <summary>What the registry takes.</summary>
public static partial class RegistryLimits
{
    /// <summary>Longest content of one artefact or model: 256 MiB. Databases hold a value in one piece.</summary>
    public const int MaxContentBytes = 256 << 20;

    /// <summary>Checks the name of a model.</summary>
    /// <exception cref="FormatException">It cannot be one; the message says what a name may hold.</exception>
    public static string CheckName(string name) =>
        Name().IsMatch(name)
            ? name
            : throw new FormatException(
                $"model name '{name}': it must have 1 to 128 letters, digits, '.', '_' and '-', the first a letter or a digit, such as "
                    + "gpu-failure-predictor"
            );

    /// <summary>Checks an alias. What an address could take for a version or a stage cannot be one.</summary>
    /// <exception cref="FormatException">It cannot be one; the message says what an alias may hold.</exception>
    public static string CheckAlias(string alias) =>
        Name().IsMatch(alias) && !Reserved().IsMatch(alias)
            ? alias
            : throw new FormatException(
                $"alias '{alias}': it must have 1 to 128 letters, digits, '.', '_' and '-', the first a letter or a digit, and must not be "
                    + "'latest', a number, or 'v' and a number: name another, such as champion"
            );

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,127}\z")]
    private static partial Regex Name();

    // MLflow reserves the same words.
    [GeneratedRegex(@"\A(latest|v?[0-9]+)\z", RegexOptions.IgnoreCase)]
    private static partial Regex Reserved();
}
