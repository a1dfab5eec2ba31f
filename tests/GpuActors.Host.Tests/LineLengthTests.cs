using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace GpuActors.Host.Tests;

/// <summary>Lines of C# files keep to <c>max_line_length</c> of .editorconfig: code, comments and texts alike.</summary>
public sealed class LineLengthTests
{
    [Fact]
    public void No_line_is_longer_than_max_line_length()
    {
        var limit = int.Parse(
            Regex
                .Match(File.ReadAllText(Path.Combine(Root, ".editorconfig")), @"^max_line_length = (\d+)$", RegexOptions.Multiline)
                .Groups[1]
                .Value,
            CultureInfo.InvariantCulture
        );

        var files = new[] { "src", "tests" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !Path.GetRelativePath(Root, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            .ToList();

        Assert.NotEmpty(files);
        Assert.Empty(
            files.SelectMany(file =>
                File.ReadLines(file)
                    .Select((line, index) => (line.Length, Number: index + 1))
                    .Where(line => line.Length > limit)
                    .Select(line => $"{Path.GetRelativePath(Root, file)}({line.Number}): {line.Length} characters")
            )
        );
    }

    private static string Root => Path.GetFullPath(Path.Combine(ArchitectureTests.Source, ".."));
}
