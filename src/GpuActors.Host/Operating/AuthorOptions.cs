using System.Collections;
using System.CommandLine;

namespace GpuActors.Host.Operating;

/// <summary>Options of every command that changes what others see: who asks for the change, and why.</summary>
internal static class AuthorOptions
{
    /// <summary>The option <c>--by</c>.</summary>
    public static Option<string?> By() =>
        new("--by") { Description = "Who asks for it (default: the name of this user)", HelpName = "NAME" };

    /// <summary>The option <c>--comment</c>.</summary>
    public static Option<string?> Comment() => new("--comment") { Description = "Why", HelpName = "TEXT" };

    /// <summary>
    /// The name given, or that of the user: who ran sudo, the environment, the operating system. A container may have none of them; the
    /// name of the machine then tells where the command was run.
    /// </summary>
    public static string NameOf(string? given, IDictionary environment) =>
        new[]
        {
            given,
            environment["SUDO_USER"] as string,
            environment["USER"] as string,
            environment["USERNAME"] as string,
            UserName(),
        }.FirstOrDefault(name => !string.IsNullOrWhiteSpace(name))
        ?? $"unknown@{Environment.MachineName}";

    private static string UserName() => Environment.UserName;
}
