using Akka.Configuration;

namespace GpuActors.Host.Configuration;

/// <summary>One source of configuration.</summary>
/// <param name="Source">How a person knows it: a file's path, "environment", "--set", "built-in reference.conf".</param>
/// <param name="Entries">Values of <c>gpu-actors.*</c> by full path.</param>
/// <param name="Akka">What is under <c>akka</c>, to be handed to the actor system; null when there is nothing.</param>
internal sealed record ConfigLayer(string Source, IReadOnlyDictionary<string, ConfigValue> Entries, Config? Akka = null);

/// <summary>A value as it was written.</summary>
/// <param name="Text">Its text; for a list, the elements joined by a comma.</param>
/// <param name="Items">The elements of a list; null when it was not written as one.</param>
internal sealed record ConfigValue(string Text, IReadOnlyList<string>? Items = null)
{
    /// <summary>A value of the environment or the command line: in brackets it is a list, as in a file.</summary>
    public static ConfigValue Of(string text) =>
        text.StartsWith('[') && text.EndsWith(']')
            ? new ConfigValue(
                text,
                [
                    .. text[1..^1]
                        .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                        .Select(item => item.Trim('"')),
                ]
            )
            : new ConfigValue(text);

    /// <summary>The elements: of the list, or of the text split at commas (how environment and command line write a list).</summary>
    public IReadOnlyList<string> AsList() =>
        Items ?? Text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
