using System.Text.RegularExpressions;
using Xunit;

namespace GpuActors.Host.Tests;

/// <summary>The guide to the code, <c>src/README.md</c>, names only files, types and tests that exist.</summary>
public sealed partial class GuideTests
{
    [Fact]
    public void What_the_guide_names_exists()
    {
        var root = Path.GetFullPath(Path.Combine(ArchitectureTests.Source, ".."));
        var files = new[] { "src", "tests", "hocon", "deploy" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(root, file).Replace('\\', '/'))
            .Where(file => !file.Contains("/bin/", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal))
            .ToList();
        var types = files.Select(file => Path.GetFileName(file).Split('.')[0]).ToHashSet(StringComparer.Ordinal);

        var missing = Name()
            .Matches(File.ReadAllText(Path.Combine(root, "src", "README.md")))
            .Select(match => match.Groups[1].Value)
            .Where(name =>
                name.EndsWith(".cs", StringComparison.Ordinal)
                    ? !files.Exists(file =>
                        file.EndsWith("/" + name, StringComparison.Ordinal) || file.EndsWith("." + name, StringComparison.Ordinal)
                    )
                    : (name.EndsWith("Tests", StringComparison.Ordinal) || name.EndsWith("Spec", StringComparison.Ordinal))
                        && !types.Contains(name[(name.LastIndexOf('/') + 1)..].Split('.')[0])
            )
            .Distinct();

        Assert.Empty(missing);
    }

    // Paths of sources, and names of tests.
    [GeneratedRegex(@"`([\w./]+)`")]
    private static partial Regex Name();
}
