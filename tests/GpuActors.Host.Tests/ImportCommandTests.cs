using System.Text.Json;
using GpuActors.Core.Histories;
using GpuActors.Storage;
using Microsoft.Data.Sqlite;
using Xunit;

namespace GpuActors.Host.Tests;

/// <summary><c>gpuactors import</c> on files and an SQLite database of a folder of its own.</summary>
public sealed class ImportCommandTests : IDisposable
{
    private const string Log = """
        SN,place,in,out,what
        A,n1,2024-01-10 22:00:00,2024-02-01 10:00:00,DBE
        B,n1,2024-02-02 00:00:00,,
        """;

    private const string Inventory = """
        gpu,Model,Rack No,purchase_date,warranty_expiry,tags,colour
        GPU-1,H100,r1,2024-03-31,2029-03-31,team=vision;tier=gold,red
        GPU-2,H100,r2,,,"{""team"": ""speech""}",
        """;

    private static readonly string[] Columns =
    [
        "--column",
        "gpu=SN",
        "--column",
        "location=place",
        "--column",
        "inserted=in",
        "--column",
        "removed=out",
        "--column",
        "event=what",
        "--zone",
        "America/New_York",
        "--type",
        "DBE=memory",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("gpuactors-import-").FullName;

    private string ConnectionString => $"Data Source={Path.Combine(_folder, "fleet.db")};Pooling=False";

    [Fact]
    public async Task A_log_is_imported_and_the_same_log_again_changes_nothing()
    {
        await Run("migrate");
        var log = Write("log.csv", Log);

        var first = await Run(["import", "history", log, .. Columns, "--json"]);
        var again = await Run(["import", "history", log, .. Columns]);

        Assert.Equal(
            """{"lines":2,"skipped":0,"assets":{"new":2,"changed":0,"unchanged":0},"service":{"new":2,"changed":0,"unchanged":0},"""
                + "\"failures\":{\"new\":1,\"changed\":0,\"unchanged\":0}}",
            first.Out.TrimEnd()
        );
        Assert.Equal(0, again.Code);
        Assert.Contains("gpu_service  0 new, 0 changed, 2 unchanged", again.Out, StringComparison.Ordinal);
        Assert.Contains("gpu_failures 0 new, 0 changed, 1 unchanged", again.Out, StringComparison.Ordinal);
        // The date of the log's time zone: in UTC it is the day after.
        Assert.Equal(["2024-01-10", "2024-02-02"], Rows("select deployment_date from gpu_assets order by gpu_uuid"));
        Assert.Equal(
            ["A DBE memory B"],
            Rows("select gpu_uuid || ' ' || event || ' ' || failure_type || ' ' || replaced_by from gpu_failures")
        );
        await using var store = AssetStores.Create(new StorageSettings { ConnectionString = ConnectionString });
        Assert.Equal(
            [
                new LifeSpan("A", "n1", Millis("2024-01-11T03:00:00Z"), Millis("2024-02-01T15:00:00Z"), "DBE"),
                new LifeSpan("B", "n1", Millis("2024-02-02T05:00:00Z"), null, null),
            ],
            await store.ReadHistoryAsync(CancellationToken.None)
        );
    }

    [Fact]
    public async Task An_inventory_is_imported_and_unknown_columns_are_named()
    {
        await Run("migrate");
        var file = Write("assets.csv", Inventory);

        var run = await Run("import", "assets", file, "--column", "rack=rack no", "--json");
        var again = await Run("import", "assets", file, "--column", "rack=rack no");

        Assert.Equal((0, 2), (run.Code, JsonDocument.Parse(run.Out).RootElement.GetProperty("assets").GetProperty("new").GetInt32()));
        Assert.Contains("ignored columns: colour", run.Error, StringComparison.Ordinal);
        Assert.Contains("gpu_assets   0 new, 0 changed, 2 unchanged", again.Out, StringComparison.Ordinal);
        Assert.Equal(
            ["""GPU-1 H100 r1 2024-03-31 2029-03-31 {"team":"vision","tier":"gold"}""", """GPU-2 H100 r2 - - {"team":"speech"}"""],
            Rows(
                "select concat_ws(' ', gpu_uuid, model, rack_id, coalesce(purchase_date, '-'), coalesce(warranty_expiry, '-'), tags) "
                    + "from gpu_assets order by gpu_uuid"
            )
        );
    }

    [Theory]
    [InlineData(
        "history",
        "gpu,location,inserted,removed,event\nA,n1,2024-01-01,,\nB,n1,2024-99-01,,\n",
        "line 3: inserted = '2024-99-01'"
    )]
    [InlineData("history", "gpu,location,inserted,removed,event\nA,n1,2024-01-01,,\nB C,n1,2024-01-01,,\n", "line 3: gpu = 'B C'")]
    [InlineData("assets", "gpu,purchase_date\nA,2024-01-01\nB,01/02/2024\n", "line 3: purchase_date = '01/02/2024'")]
    [InlineData("assets", "gpu,purchase_date\nA,2024-01-01\nB\n", "line 3: it has 1 fields")]
    [InlineData("assets", "gpu,memory_gb\nA,80\nB,-1\n", "line 3: memory_gb = '-1'")]
    [InlineData("assets", "gpu,tags\nA,\nB,vision\n", "line 3: tags = 'vision'")]
    [InlineData("assets", "gpu,tags\nA,\nB,\"{\"\"a\"\"\"\n", "line 3: tags = '{\"a\"'")]
    [InlineData("assets", "gpu,tags\nA,\nB,\"{\"\"a\"\":1,\"\"a\"\":2}\"\n", "line 3: tags =")]
    [InlineData("assets", "gpu\nA\nA\n", "line 3: gpu = 'A' is in line 2 already")]
    [InlineData("assets", "gpu,purchase_date,warranty_expiry\nA,,\nB,2024-01-02,2024-01-01\n", "line 3: the warranty ends on 2024-01-01")]
    public async Task A_bad_line_is_named_and_nothing_is_imported_unless_it_may_be_skipped(string what, string text, string named)
    {
        await Run("migrate");
        var file = Write("file.csv", text);

        var refused = await Run("import", what, file);
        var before = Rows("select gpu_uuid from gpu_assets");
        var skipped = await Run("import", what, file, "--skip-bad", "--json");

        Assert.Equal(1, refused.Code);
        Assert.Contains(named, refused.Error, StringComparison.Ordinal);
        Assert.Contains("1 line cannot be read, nothing was imported", refused.Error, StringComparison.Ordinal);
        Assert.Empty(before);
        Assert.Equal((0, 1), (skipped.Code, JsonDocument.Parse(skipped.Out).RootElement.GetProperty("skipped").GetInt32()));
        Assert.Equal(["A"], Rows("select gpu_uuid from gpu_assets"));
    }

    [Theory]
    [InlineData("history")]
    [InlineData("assets")]
    public async Task Without_a_schema_the_remedy_is_named(string what)
    {
        var file = Write("file.csv", "gpu,location,inserted,removed,event\nA,n1,2024-01-01,,\n");

        var missing = await Run("import", what, file);
        await File.WriteAllBytesAsync(Path.Combine(_folder, "fleet.db"), []);
        var empty = await Run("import", what, file);

        Assert.Equal((1, 1), (missing.Code, empty.Code));
        Assert.Contains("does not exist: run gpuactors migrate", missing.Error, StringComparison.Ordinal);
        Assert.Contains("the database has no schema: run gpuactors migrate", empty.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("history", "--column", "serial=SN", "'serial=SN'")]
    [InlineData("history", "--type", "DBE=bad", "--type = 'DBE=bad'")]
    [InlineData("assets", "--column", "serial=SN", "'serial=SN'")]
    public async Task A_wrong_option_is_named(string what, string option, string value, string named)
    {
        var run = await Run("import", what, Write("file.csv", "gpu\n"), option, value);

        Assert.Equal(2, run.Code);
        Assert.Contains(named, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("serial\nA\n", "gpu=gpu", "no column 'gpu'")]
    [InlineData("gpu\nA\n", "rack=shelf", "no column 'shelf'")]
    [InlineData("", "gpu=gpu", "the file is empty")]
    public async Task An_inventory_without_a_column_that_it_must_have_is_refused(string text, string column, string named)
    {
        var run = await Run("import", "assets", Write("file.csv", text), "--column", column);

        Assert.Equal(1, run.Code);
        Assert.Contains(named, run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static long Millis(string time) =>
        DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();

    private Task<TestRun> Run(params string[] args) => TestRun.Of([.. args, "--set", $"storage.connection-string={ConnectionString}"]);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private List<string> Rows(string sql)
    {
        using var connection = new SqliteConnection(ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }
}
