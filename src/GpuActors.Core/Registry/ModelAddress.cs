using System.Globalization;

namespace GpuActors.Core.Registry;

/// <summary>
/// Where a model is: <c>models:/NAME/3</c>, <c>models:/NAME/Production</c>, <c>models:/NAME/latest</c>, <c>models:/NAME@ALIAS</c>, or the
/// path of a file. The same addresses as MLflow's.
/// </summary>
public abstract record ModelAddress
{
    private const string Scheme = "models:";
    private const string Forms = "models:/NAME/3, models:/NAME/Production, models:/NAME/latest or models:/NAME@ALIAS";

    /// <summary>Reads an address. Whatever does not begin with <c>models:</c> is a path.</summary>
    /// <exception cref="FormatException">It is no address; the message says what is wrong and which forms there are.</exception>
    public static ModelAddress Parse(string text)
    {
        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return text.Length > 0 ? new ModelFileAddress(text) : throw new FormatException("the address of a model is empty");
        }

        if (!text.StartsWith(Scheme + "/", StringComparison.Ordinal) || text.StartsWith(Scheme + "//", StringComparison.Ordinal))
        {
            throw Wrong(text, "one '/' must follow 'models:', in lower case");
        }

        var rest = text[(Scheme.Length + 1)..];
        var at = rest.IndexOfAny(['/', '@']);
        if (at < 0)
        {
            throw Wrong(text, "it does not say which version");
        }

        try
        {
            var name = RegistryLimits.CheckName(rest[..at]);
            var selector = rest[(at + 1)..];
            return rest[at] == '@'
                ? new RegisteredModelAddress(name) { Alias = RegistryLimits.CheckAlias(selector) }
                : Selected(text, name, selector);
        }
        catch (FormatException e) when (!e.Message.StartsWith(text, StringComparison.Ordinal))
        {
            throw Wrong(text, e.Message);
        }
    }

    private static RegisteredModelAddress Selected(string text, string name, string selector)
    {
        if (selector.Equals("latest", StringComparison.OrdinalIgnoreCase))
        {
            return new RegisteredModelAddress(name);
        }

        if (int.TryParse(selector, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0)
        {
            return new RegisteredModelAddress(name) { Version = version };
        }

        // Enum.TryParse also takes numbers and lists of names.
        var stage = Enum.GetNames<ModelStage>().FirstOrDefault(known => known.Equals(selector, StringComparison.OrdinalIgnoreCase));
        var stages = string.Join(", ", Enum.GetNames<ModelStage>());
        return stage is null
            ? throw Wrong(text, $"'{selector}' is no version (a number from 1) and no stage ({stages})")
            : new RegisteredModelAddress(name) { Stage = Enum.Parse<ModelStage>(stage) };
    }

    private static FormatException Wrong(string text, string problem) => new($"{text}: {problem}: write {Forms}");
}
