using System.CommandLine;

namespace GpuActors.Host.Operating;

/// <summary>Who says it, and why: options of every command that changes what others see.</summary>
internal static class Said
{
    public static Option<string?> By() =>
        new("--by") { Description = "Who asks for it (default: the name of this user)", HelpName = "NAME" };

    public static Option<string?> Comment() => new("--comment") { Description = "Why", HelpName = "TEXT" };

    /// <summary>The name given, or that of the user.</summary>
    public static string Name(string? given, System.Collections.IDictionary environment) =>
        given ?? environment["SUDO_USER"] as string ?? environment["USER"] as string ?? environment["USERNAME"] as string ?? "";
}
