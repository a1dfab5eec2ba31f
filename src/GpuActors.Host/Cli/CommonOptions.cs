using System.CommandLine;
using GpuActors.Host.Configuration;

namespace GpuActors.Host.Cli;

/// <summary>Options that every command has, and what they load.</summary>
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

    /// <summary>Loads the configuration that the command line asks for.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="terminal">Its environment is a layer.</param>
    /// <param name="options">What options of the command say, as <c>key=value</c>: as strong as <c>--set</c>, and stronger than it.</param>
    /// <param name="overrides">What the command itself decides: over the defaults, under all that the user says.</param>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public static HostSettings Load(
        ParseResult parse,
        Terminal terminal,
        IReadOnlyList<string>? options = null,
        ConfigLayer? overrides = null
    ) => Source(parse, terminal, options, overrides).Load();

    /// <summary>As <see cref="Load"/>, for a command that reads its configuration again while it runs.</summary>
    public static ConfigSource Source(
        ParseResult parse,
        Terminal terminal,
        IReadOnlyList<string>? options = null,
        ConfigLayer? overrides = null
    ) => new(parse.GetRequiredValue(Config), [.. parse.GetRequiredValue(Set), .. options ?? []], terminal.Environment, overrides);

    /// <summary>A layer of what a command decides by its own options.</summary>
    public static ConfigLayer Overrides(string command, params (string Key, string? Value)[] values) =>
        new(
            command,
            values
                .Where(v => v.Value is not null)
                .ToDictionary(v => $"{HoconReader.Root}.{v.Key}", v => new ConfigValue(v.Value!), StringComparer.Ordinal)
        );
}
