using System.Text;

namespace GpuActors.Testing;

/// <summary>
/// The bytes that this version writes, kept as text: a key (such as a manifest), a tab and the bytes, one line each. A test
/// that fails on them shows that a form has changed. Until the first release, a changed line is deleted and written anew. Afterwards, nodes
/// of two versions talk to each other during an upgrade, so that a changed form needs a key of its own. With
/// <c>GPUACTORS_UPDATE_FILES=1</c> lines that are missing are added.
/// </summary>
public sealed class GoldenFile
{
    private const string Update = "GPUACTORS_UPDATE_FILES";
    private readonly string _path;

    private GoldenFile(string path, IReadOnlyList<(string Key, string Bytes)> lines)
    {
        _path = path;
        Lines = lines;
    }

    /// <summary>All lines in their order.</summary>
    public IReadOnlyList<(string Key, string Bytes)> Lines { get; }

    /// <summary>Reads the file; where files are to be updated, adds what today's version writes under a key that has fewer lines.</summary>
    /// <param name="path">Path inside the repository.</param>
    /// <param name="today">What today's version writes of each example, in a fixed order.</param>
    public static GoldenFile Open(string path, IReadOnlyList<(string Key, string Bytes)> today)
    {
        var full = Path.Combine(Root(), path);
        var lines = File.Exists(full)
            ? File.ReadAllLines(full).Where(line => line.Length > 0 && line[0] != '#').Select(Parse).ToList()
            : [];
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            var added = today
                .GroupBy(line => line.Key)
                .SelectMany(written => written.Skip(lines.Count(line => line.Key == written.Key)))
                .ToList();
            lines = [.. lines.Concat(added).OrderBy(line => line.Key, StringComparer.Ordinal)];
            Write(full, lines);
        }

        return new GoldenFile(path, lines);
    }

    /// <summary>Fails when today's version writes anything else under a key than the lines that are kept of it.</summary>
    public void AssertWrittenAlike(IReadOnlyList<(string Key, string Bytes)> today)
    {
        foreach (var written in today.GroupBy(line => line.Key))
        {
            var kept = Lines.Where(line => line.Key == written.Key).Select(line => line.Bytes);
            Assert.True(
                kept.SequenceEqual(written.Select(line => line.Bytes)),
                $"""
                The bytes written under {written.Key} differ from those in {_path}: older nodes and journals would be misread.
                If the form has changed, give the new one a key of its own (a manifest, a version) and go on reading {written.Key}.
                If only the examples have changed, delete the lines of {written.Key} and write them again with {Update}=1.
                Kept:    {string.Join(" | ", kept)}
                Written: {string.Join(" | ", written.Select(line => line.Bytes))}
                """
            );
        }
    }

    /// <summary>Fails when a key has no line.</summary>
    public void AssertHas(IEnumerable<string> keys)
    {
        foreach (var key in keys)
        {
            Assert.True(
                Lines.Any(line => line.Key == key),
                $"{_path} has nothing under {key}: give it an example, and write the file with {Update}=1"
            );
        }
    }

    private static (string Key, string Bytes) Parse(string line) => line.Split('\t', 2) is [var key, var bytes] ? (key, bytes) : (line, "");

    private static void Write(string path, IEnumerable<(string Key, string Bytes)> lines)
    {
        var text = new StringBuilder(
            $"# What versions of GpuActors have written: key, tab, bytes. Lines are added ({Update}=1 dotnet test) and stay as "
                + "they are: see GoldenFile.cs.\n"
        );
        foreach (var (key, bytes) in lines)
        {
            text.Append(key).Append(bytes.Length > 0 ? "\t" : "").Append(bytes).Append('\n');
        }

        File.WriteAllText(path, text.ToString());
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "GpuActors.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No GpuActors.sln above {AppContext.BaseDirectory}: run the tests inside the repository");
    }
}
