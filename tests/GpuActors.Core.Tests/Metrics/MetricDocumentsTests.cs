using System.Text.RegularExpressions;
using GpuActors.Core.Metrics;

namespace GpuActors.Core.Tests.Metrics;

/// <summary>Files that are generated from the catalogue, and files that must contain the same metrics.</summary>
public sealed partial class MetricDocumentsTests
{
    private const string Update = "GPUACTORS_UPDATE_FILES";

    [Fact]
    public void The_counters_file_matches_the_catalogue() => AssertFile(MetricDocuments.CountersPath, MetricDocuments.Counters());

    [Fact]
    public void The_table_matches_the_catalogue() => AssertFile(MetricDocuments.ReadMePath, MetricDocuments.ReadMe());

    [Fact]
    public void Exporters_can_read_the_counters_file()
    {
        var lines = MetricDocuments.Counters().Split('\n').Where(l => l.Length > 0 && l[0] != '#').ToList();

        // Go's CSV reader requires three fields per line and rejects unquoted fields that contain quotation marks.
        Assert.All(lines, l => Assert.Matches("^DCGM_[A-Z0-9_]+, (gauge|counter|label), [^,\"]+$", l));
        var names = lines.Select(l => l.Split(',')[0]).ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.All(MetricCatalog.All, m => Assert.Contains(m.CountersName, names));
        Assert.Superset(
            new HashSet<string> { "DCGM_EXP_XID_ERRORS_COUNT", "DCGM_EXP_CLOCK_EVENTS_COUNT", "DCGM_FI_DRIVER_VERSION" },
            names.ToHashSet()
        );
        Assert.Equal(
            MetricCatalog.All.Where(m => m.Required).Select(m => m.CountersName),
            names.Take(MetricCatalog.All.Count(m => m.Required))
        );
    }

    [Fact]
    public void Throttle_reasons_are_enabled_by_a_name_known_to_all_exporters_since_4_0() =>
        Assert.Equal("DCGM_FI_DEV_CLOCKS_EVENT_REASONS", MetricCatalog.Get(Metric.ThrottleReasons).CountersName);

    [Fact]
    public void No_text_contains_a_column_separator()
    {
        Assert.All(MetricCatalog.All, m => Assert.DoesNotContain('|', m.Help + m.Note));
        Assert.All(MetricCatalog.All, m => Assert.False(m.Help.EndsWith('.') || m.Note.EndsWith('.'), m.Name));
    }

    [Theory]
    [InlineData("postgres")]
    [InlineData("sqlite")]
    public void The_tables_have_exactly_one_column_per_metric(string database)
    {
        var columns = Directory
            .GetFiles(Path.Combine(Root, "deploy", "sql", database), "*.sql")
            .Order(StringComparer.Ordinal)
            .SelectMany(f => ColumnsOfMetrics(File.ReadAllText(f)))
            .ToList();

        Assert.Equal(
            MetricCatalog.All.Select(m => m.Name).Order(StringComparer.Ordinal),
            columns.Select(c => c.Name).Order(StringComparer.Ordinal)
        );
        Assert.All(columns, c => Assert.Equal(TypeIn(database, MetricCatalog.ByName[c.Name].Column), c.Type));
    }

    private static string TypeIn(string database, ColumnType type) =>
        type switch
        {
            ColumnType.Real => "real",
            _ when database == "sqlite" => "integer",
            ColumnType.BigInt => "bigint",
            ColumnType.SmallInt => "smallint",
            _ => "integer",
        };

    // The columns of the create table and alter table statements. The columns before the first metric are time, GPU and host.
    private static IEnumerable<(string Name, string Type)> ColumnsOfMetrics(string sql)
    {
        var tables = Tables().Matches(sql).Select(m => m.Value);
        return tables
            .SelectMany(t => Columns().Matches(t))
            .Select(m => (Name: m.Groups[1].Value, Type: m.Groups[2].Value.ToLowerInvariant()))
            .Where(c => c.Name is not ("time" or "gpu_uuid" or "hostname"));
    }

    private static void AssertFile(string path, string expected)
    {
        var full = Path.Combine(Root, path);
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, expected);
        }

        var actual = File.Exists(full) ? File.ReadAllText(full).Replace("\r", "", StringComparison.Ordinal) : "";
        Assert.True(
            actual == expected,
            $"{path} does not match the catalogue: generate it again with {Update}=1 dotnet test tests/GpuActors.Core.Tests "
                + $"--filter {nameof(MetricDocumentsTests)}"
        );
    }

    private static string Root { get; } = FindRoot();

    private static string FindRoot()
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

    [GeneratedRegex(@"(create|alter) table gpu_metrics\b[^;]*;", RegexOptions.IgnoreCase)]
    private static partial Regex Tables();

    [GeneratedRegex(
        @"(?:^\s*|add column )([a-z0-9_]+)\s+(real|integer|bigint|smallint|timestamptz|text)\b",
        RegexOptions.IgnoreCase | RegexOptions.Multiline
    )]
    private static partial Regex Columns();
}
