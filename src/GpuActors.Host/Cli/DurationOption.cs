using System.CommandLine;
using GpuActors.Host.Configuration;

namespace GpuActors.Host.Cli;

/// <summary>An option that takes a duration with its unit.</summary>
internal static class DurationOption
{
    public static Option<TimeSpan?> Create(string name, string description) =>
        new(name)
        {
            Description = description,
            HelpName = "DURATION",
            CustomParser = result =>
            {
                var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
                if (ConfigValues.Parse(typeof(TimeSpan), new ConfigValue(text)) is TimeSpan value && value > TimeSpan.Zero)
                {
                    return value;
                }

                result.AddError($"{name} {text}: expected {ConfigValues.Expected(typeof(TimeSpan))}");
                return null;
            },
        };
}
