using System.Xml.Linq;
using Xunit;

namespace GpuActors.Host.Tests;

/// <summary>
/// Pins which project may know which, and which packages each may use. A new arrow or package is a decision: change this table with it.
/// </summary>
public sealed class ArchitectureTests
{
    private static readonly Dictionary<string, (string[] Projects, string[] Packages)> Allowed = new(StringComparer.Ordinal)
    {
        ["GpuActors.Core"] = ([], []),
        ["GpuActors.Kafka"] = (["GpuActors.Core"], ["Akka.Streams", "Confluent.Kafka"]),
        ["GpuActors.Storage"] = (["GpuActors.Core"], ["Microsoft.Data.Sqlite", "Npgsql"]),
        ["GpuActors.Prediction"] = (["GpuActors.Core"], ["Microsoft.ML.OnnxRuntime"]),
        ["GpuActors.Learning"] = (
            ["GpuActors.Core", "GpuActors.Prediction"],
            ["CsvHelper", "Google.Protobuf", "Grpc.Tools", "LightGBM", "Microsoft.ML"]
        ),
        ["GpuActors.Engine"] = (["GpuActors.Core"], ["Akka", "Akka.Cluster.Sharding", "Akka.Persistence.Sql", "Akka.Streams"]),
        ["GpuActors.Collector"] = (["GpuActors.Core"], ["Microsoft.Extensions.Logging.Abstractions"]),
        ["GpuActors.Simulation"] = (["GpuActors.Core"], []),
        ["GpuActors.Host"] = (
            [
                "GpuActors.Collector",
                "GpuActors.Core",
                "GpuActors.Engine",
                "GpuActors.Kafka",
                "GpuActors.Learning",
                "GpuActors.Prediction",
                "GpuActors.Simulation",
                "GpuActors.Storage",
            ],
            [
                "Akka.Hosting",
                "Microsoft.Data.Sqlite",
                "Npgsql",
                "OpenTelemetry.Exporter.Prometheus.AspNetCore",
                "OpenTelemetry.Extensions.Hosting",
                "Spectre.Console",
                "System.CommandLine",
            ]
        ),
    };

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Fact]
    public void Every_project_of_src_is_in_the_table() =>
        Assert.Equal(
            Allowed.Keys.Order(StringComparer.Ordinal),
            Directory
                .GetFiles(Source, "*.csproj", SearchOption.AllDirectories)
                .Select(Path.GetFileNameWithoutExtension)
                .Order(StringComparer.Ordinal)
        );

    [Theory]
    [MemberData(nameof(Projects))]
    public void Projects_know_only_what_they_may(string project) =>
        Assert.Empty(
            References(project, "ProjectReference")
                .Select(Path.GetFileNameWithoutExtension)
                .Except(Allowed[project].Projects, StringComparer.Ordinal)
        );

    [Theory]
    [MemberData(nameof(Projects))]
    public void Projects_use_only_the_packages_they_may(string project) =>
        Assert.Empty(References(project, "PackageReference").Except(Allowed[project].Packages, StringComparer.Ordinal));

    [Fact]
    public void Akka_packages_share_one_version()
    {
        var central = XDocument.Load(Path.Combine(Source, "..", "Directory.Packages.props"));

        var versions = central
            .Descendants("PackageVersion")
            .Where(p => p.Attribute("Include")!.Value is var id && (id == "Akka" || id.StartsWith("Akka.", StringComparison.Ordinal)))
            .Select(p => p.Attribute("Version")!.Value)
            .Distinct();

        Assert.Equal(["$(AkkaVersion)"], versions);
    }

    internal static string Source { get; } = FindSource();

    private static IEnumerable<string> References(string project, string element) =>
        XDocument
            .Load(Path.Combine(Source, project, project + ".csproj"))
            .Descendants(element)
            .Select(r => r.Attribute("Include")!.Value.Replace('\\', '/'));

    private static string FindSource()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "GpuActors.sln")))
            {
                return Path.Combine(folder.FullName, "src");
            }
        }

        throw new InvalidOperationException($"No GpuActors.sln above {AppContext.BaseDirectory}: run the tests inside the repository");
    }
}
