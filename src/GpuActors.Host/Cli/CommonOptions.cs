using System.CommandLine;
using System.Globalization;
using GpuActors.Host.Configuration;

namespace GpuActors.Host.Cli;

/// <summary>Options of every command, and the configuration that they load.</summary>
internal static class CommonOptions
{
    public static Option<string[]> Config { get; } =
        new("--config", "-c")
        {
            Description = "HOCON file over the built-in defaults; repeatable, a later file wins",
            HelpName = "FILE",
            Recursive = true,
            DefaultValueFactory = _ => [],
        };

    public static Option<string[]> Set { get; } =
        new("--set")
        {
            Description =
                "Sets any key of hocon/reference.conf, such as kafka.bootstrap-servers=broker:9092; repeatable, over files and environment",
            HelpName = "KEY=VALUE",
            Recursive = true,
            DefaultValueFactory = _ => [],
        };

    /// <summary>A command's <c>--json</c>.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Prints one JSON object on standard output and nothing else there" };

    /// <summary>Loads the configuration of a command line.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="terminal">Its environment variables are one layer.</param>
    /// <param name="options">Assignments from the command's own options, as <c>key=value</c>. They win over <c>--set</c>.</param>
    /// <param name="overrides">Defaults of the command: over the built-in defaults, under everything that the user sets.</param>
    /// <exception cref="ConfigurationException">The configuration is invalid.</exception>
    public static HostSettings Load(
        ParseResult parse,
        Terminal terminal,
        IEnumerable<string>? options = null,
        ConfigLayer? overrides = null
    ) => Source(parse, terminal, options, overrides).Load();

    /// <summary>Like <see cref="Load"/>, for a command that loads its configuration repeatedly.</summary>
    public static ConfigSource Source(
        ParseResult parse,
        Terminal terminal,
        IEnumerable<string>? options = null,
        ConfigLayer? overrides = null
    ) => new(parse.GetRequiredValue(Config), [.. parse.GetRequiredValue(Set), .. options ?? []], terminal.Environment, overrides);

    /// <summary>A layer with a command's own defaults; keys are relative to <c>gpu-actors</c>, null values are skipped.</summary>
    public static ConfigLayer Overrides(string command, params (string Key, string? Value)[] values) =>
        new(
            command,
            values
                .Where(v => v.Value is not null)
                .ToDictionary(v => $"{HoconReader.Root}.{v.Key}", v => new ConfigValue(v.Value!), StringComparer.Ordinal)
        );

    /// <summary>The options that were given, as assignments <c>key=value</c>; null values are skipped.</summary>
    public static IEnumerable<string> Assignments(params IEnumerable<(string Key, string? Value)> options) =>
        options.Where(option => option.Value is not null).Select(option => $"{option.Key}={option.Value}");

    /// <summary>The text of a number; null stays null.</summary>
    public static string? Text(int? value) => value?.ToString(CultureInfo.InvariantCulture);
}
