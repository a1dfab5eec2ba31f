using System.Globalization;
using GpuActors.Core.Histories;
using GpuActors.Core.Storage;

namespace GpuActors.Storage.Tests;

/// <summary>The guarantees of every store of assets. Each test runs on SQLite and on a real PostgreSQL.</summary>
public abstract class AssetStoreContract
{
    private const long Day = 86_400_000;
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal) { ["DBE"] = "memory" };

    // A failure and its replacement, an event without a service, two events at once, a GPU that is repaired in place, and an
    // event in the middle of a service.
    private static readonly LifeSpan[] Log =
    [
        new("A", "n1", 10 * Day, 20 * Day, "DBE"),
        new("B", "n1", 21 * Day, null, null),
        new("C", "n2", 10 * Day, 30 * Day, "DBE"),
        new("C", "n2", null, 30 * Day, "OTB"),
        new("C", "n2", 31 * Day, 40 * Day, null),
        new("D", "", null, 5 * Day, "OTB"),
        new("F", "n3", 10 * Day, 30 * Day, null),
        new("F", "n3", null, 20 * Day, "OTB"),
        new("G", "n3", 30 * Day, null, null),
    ];

    [SkippableFact]
    public async Task A_history_is_read_as_it_was_written()
    {
        await using var database = await Create();
        await using var store = await Open(database);

        var counts = await store.WriteHistoryAsync(History(Log), None);

        Assert.Equal(new HistoryCounts(new(5, 0, 0), new(6, 0, 0), new(5, 0, 0)), counts);
        Assert.Equal(Log.OrderBy(Text), (await store.ReadHistoryAsync(None)).OrderBy(Text));
        var failure = await database.Row("select * from gpu_failures where gpu_uuid = 'A'");
        Assert.Equal(("DBE", "n1", "memory"), (failure["event"], failure["location"], failure["failure_type"]));
        Assert.Equal(("history", "B", "{}"), (failure["source"], failure["replaced_by"], failure["evidence"]));
        Assert.Equal(4, await database.Number("select count(*) from gpu_failures where replaced_by is null"));
    }

    [SkippableFact]
    public async Task The_same_history_again_changes_nothing()
    {
        await using var database = await Create();
        await using var store = await Open(database);
        await store.WriteHistoryAsync(History(Log), None);
        await database.Execute($"update gpu_failures set created_at = {database.LongAgo}");

        var again = await store.WriteHistoryAsync(History(Log), None);

        Assert.Equal(new HistoryCounts(new(0, 0, 5), new(0, 0, 6), new(0, 0, 5)), again);
        Assert.Equal(Log.OrderBy(Text), (await store.ReadHistoryAsync(None)).OrderBy(Text));
        Assert.Equal(5, await database.Number($"select count(*) from gpu_failures where created_at = {database.LongAgo}"));
    }

    [SkippableFact]
    public async Task A_later_log_ends_a_service_and_adds_what_is_new()
    {
        await using var database = await Create();
        await using var store = await Open(database);
        await store.WriteHistoryAsync(History(Log), None);

        var counts = await store.WriteHistoryAsync(
            History([new("B", "n1", 21 * Day, 50 * Day, "DBE"), new("E", "n1", 51 * Day, null, null)]),
            None
        );

        Assert.Equal(new HistoryCounts(new(1, 0, 1), new(1, 1, 0), new(1, 0, 0)), counts);
        var history = await store.ReadHistoryAsync(None);
        Assert.Equal(new LifeSpan("B", "n1", 21 * Day, 50 * Day, "DBE"), Assert.Single(history, line => line.Gpu == "B"));
        Assert.Equal(Log.Length + 1, history.Count);
    }

    [SkippableFact]
    public async Task A_deployment_date_of_the_inventory_is_kept()
    {
        await using var database = await Create();
        await using var store = await Open(database);
        await store.WriteAssetsAsync([new("A") { DeploymentDate = new DateOnly(2001, 2, 3) }, new("B") { Rack = "r1" }], None);

        var counts = await store.WriteHistoryAsync(History(Log), None);

        Assert.Equal(new ImportCount(3, 1, 1), counts.Assets);
        Assert.Equal(["2001-02-03", "1970-01-22", "1970-01-11"], [await Date("A"), await Date("B"), await Date("C")]);

        async Task<string> Date(string gpu) =>
            (await database.Row($"select deployment_date from gpu_assets where gpu_uuid = '{gpu}'"))["deployment_date"] switch
            {
                string text => text,
                DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                var other => other!.ToString()!,
            };
    }

    [SkippableFact]
    public async Task An_inventory_changes_only_what_it_says()
    {
        await using var database = await Create();
        await using var store = await Open(database);
        var asset = new GpuAsset("GPU-1")
        {
            Model = "H100",
            Rack = "r1",
            MemoryGb = 80,
            PurchaseDate = new DateOnly(2024, 2, 29),
            WarrantyExpiry = new DateOnly(2029, 2, 28),
            Tags = """{"team": "a"}""",
        };
        await store.WriteAssetsAsync([asset], None);
        await database.Execute($"update gpu_assets set created_at = {database.LongAgo}, updated_at = {database.LongAgo}");

        var moved = await store.WriteAssetsAsync([new GpuAsset("GPU-1") { Rack = "r2" }, new GpuAsset("GPU-2")], None);
        var again = await store.WriteAssetsAsync([asset with { Rack = "r2" }, new GpuAsset("GPU-2")], None);

        Assert.Equal((new ImportCount(1, 1, 0), new ImportCount(0, 0, 2)), (moved, again));
        var row = await database.Row("select * from gpu_assets where gpu_uuid = 'GPU-1'");
        Assert.Equal(("H100", "r2", """{"team": "a"}"""), (row["model"], row["rack_id"], row["tags"]));
        Assert.Equal(80, Convert.ToInt32(row["memory_gb"], CultureInfo.InvariantCulture));
        Assert.Equal("{}", (await database.Row("select tags from gpu_assets where gpu_uuid = 'GPU-2'"))["tags"]);
    }

    [SkippableFact]
    public async Task A_row_that_the_database_refuses_leaves_nothing_of_its_log()
    {
        await using var database = await Create();
        await using var store = await Open(database);
        await database.Refuse("gpu_failures", "event", "<> 'OTB'", "no_otb");

        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => store.WriteHistoryAsync(History(Log), None));

        Assert.Empty(await store.ReadHistoryAsync(None));
        Assert.Equal(0, await database.Number("select count(*) from gpu_assets"));
    }

    [SkippableFact]
    public async Task Text_that_a_database_cannot_hold_is_replaced()
    {
        await using var database = await Create();
        await using var store = await Open(database);

        await store.WriteHistoryAsync(History([new("A", "n\0", 10 * Day, 20 * Day, "D\0E")]), None);

        Assert.Equal([new LifeSpan("A", "n\ufffd", 10 * Day, 20 * Day, "D\ufffdE")], await store.ReadHistoryAsync(None));
    }

    private protected abstract Task<TestDatabase> Create();

    private static FleetHistory History(LifeSpan[] spans) => FleetHistory.Of(spans, TimeZoneInfo.Utc, Types, "history");

    private static async Task<IAssetStore> Open(TestDatabase database)
    {
        await database.OpenMigrated();
        return AssetStores.Create(database.Settings);
    }

    private static string Text(LifeSpan span) => $"{span.Gpu} {span.RemovedMs} {span.Event}";
}
