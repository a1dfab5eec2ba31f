using System.Text.RegularExpressions;
using Xunit;

namespace GpuActors.Host.Tests;

/// <summary>
/// Pins the arrows between the folders of each project: a folder uses only folders of lower layers. A new folder or arrow is a decision:
/// change the table with it.
/// </summary>
public sealed partial class FolderArchitectureTests
{
    // From the bottom to the top. The folders of one layer do not know each other.
    private static readonly Dictionary<string, string[]> Layers = new(StringComparer.Ordinal)
    {
        ["GpuActors.Core"] =
        [
            "Histories Metrics Registry Topology Xids",
            "Samples Windows",
            "Alerts Features Predictions Validation",
            "Messaging Rules Storage",
            "Hosts Incidents Silences",
            "Notify",
            "Codecs",
            "Logs",
            "Gpus",
            "Checkpoints",
        ],
        ["GpuActors.Engine"] = ["Metrics Protocol", "Streams", "Hosts Notify Store", "Alerts", "Gpus Shards", "Detect", "Composition"],
        ["GpuActors.Kafka"] = ["Settings", "Admin Batching Buffering", "Consuming", "Notify"],
        ["GpuActors.Collector"] = ["Common Exposition", "KernelLogs", "Scraping"],
        ["GpuActors.Simulation"] = ["Faults", "Fleet", "Failures Logs", "Http"],
        ["GpuActors.Learning"] = ["Evaluation Trees", "Onnx", "Training", "Histories Reports"],
        ["GpuActors.Host"] =
        [
            "Settings",
            "Configuration",
            "Cli",
            "Histories Logging",
            "Doctor Http Importing Migrating Models NodeRoles Operating Simulating Training",
            "Collecting",
            "Node",
            "Demo",
        ],
    };

    public static TheoryData<string> Projects => [.. Layers.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_use_only_folders_of_lower_layers(string project)
    {
        var arrows = Directory
            .GetFiles(Path.Combine(ArchitectureTests.Source, project), "*.cs", SearchOption.AllDirectories)
            .Select(file => (File: file, Folder: FolderOf(project, file)))
            .Where(source => source.Folder is not (null or "bin" or "obj"))
            .SelectMany(source => Wrong(project, source.Folder!, File.ReadAllText(source.File)).Select(arrow => $"{source.File}: {arrow}"))
            .ToList();

        Assert.True(arrows.Count == 0, string.Join('\n', arrows));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Every_folder_is_in_the_table(string project) =>
        Assert.Equal(
            Layers[project].SelectMany(layer => layer.Split(' ')).Order(StringComparer.Ordinal),
            Directory
                .GetDirectories(Path.Combine(ArchitectureTests.Source, project))
                .Select(folder => Path.GetFileName(folder)!)
                .Except(["bin", "obj"], StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)
        );

    [Theory]
    [InlineData("using GpuActors.Engine.Detect;")]
    [InlineData("using static GpuActors.Engine.Composition.DetectEngine;")]
    [InlineData("using Feeder = GpuActors.Engine.Detect.PartitionFeeder;")]
    [InlineData("private readonly GpuActors.Engine.Detect.PartitionFeeder _feeder;")]
    [InlineData("private readonly Engine.Detect.PartitionFeeder _feeder;")]
    [InlineData("private readonly Detect.PartitionFeeder _feeder;")]
    [InlineData("using GpuActors.Engine.Shards;")]
    public void A_wrong_arrow_is_found(string line) => Assert.Single(Wrong("GpuActors.Engine", "Gpus", line));

    [Theory]
    [InlineData("using GpuActors.Engine.Protocol;")]
    [InlineData("using GpuActors.Engine.Gpus;")]
    [InlineData("using GpuActors.Core.Alerts;")]
    [InlineData("// what Detect.PartitionFeeder tells it")]
    [InlineData("_options.Detect.Checkpoints")]
    public void A_right_arrow_is_not(string line) => Assert.Empty(Wrong("GpuActors.Engine", "Gpus", line));

    private static IEnumerable<string> Wrong(string project, string folder, string source)
    {
        var layers = Layers[project];
        var own = LayerOf(layers, folder);
        var code = Comment().Replace(source, "");
        return layers
            .SelectMany(layer => layer.Split(' '))
            .Where(other => other != folder && LayerOf(layers, other) >= own && Uses(project, other, code))
            .Select(other => $"{folder} uses {other}");
    }

    // Fully or partly qualified, in a using or in code: the name of the folder's namespace, not a member of that name.
    private static bool Uses(string project, string folder, string code) =>
        Regex.IsMatch(
            code,
            $@"(?<![\w.]){Regex.Escape(project)}\.{folder}\b|"
                + $@"(?<![\w.])(?:{Regex.Escape(project["GpuActors.".Length..])}\.)?{folder}\.[A-Z]\w*[\s.(<]"
        );

    private static int LayerOf(string[] layers, string folder) => Array.FindIndex(layers, layer => layer.Split(' ').Contains(folder));

    private static string? FolderOf(string project, string file)
    {
        var parts = Path.GetRelativePath(Path.Combine(ArchitectureTests.Source, project), file).Split(Path.DirectorySeparatorChar);
        return parts.Length > 1 ? parts[0] : null;
    }

    [GeneratedRegex(@"//[^\n]*")]
    private static partial Regex Comment();
}
