using System.Globalization;
using GpuActors.Testing;
using Xunit;
using Xunit.Abstractions;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>An outage of the database under load: alerts are not delayed, and the missing rows are written afterwards.</summary>
[Collection(ChaosCollection.Name)]
[Trait("Category", ChaosScale.Category)]
public sealed class DatabaseOutageSpec(ITestOutputHelper output)
{
    [SkippableFact]
    public async Task During_a_database_outage_alerts_continue_and_afterwards_every_row_is_written_once()
    {
        ChaosScale.Require();
        var gpus = ChaosScale.Of(500, 2_000);
        var away = ChaosScale.Seconds(20, 180);
        await using var rig = await ChaosRig.Start("database-outage", nodes: 2);
        await rig.StartFleet(gpus, away * 2);

        var outage = rig.Disturb("Database away");
        await rig.Postgres.StopAsync();
        await Task.Delay(away);
        outage.UntilMs = Clock.NowMs;
        var waiting = rig.Fleet.Acknowledged;
        var back = rig.Disturb("Database back");
        await rig.Postgres.StartAgainAsync();
        waiting -= await rig.Stored();
        // Wait until STORE has caught up, except for the rows that wait for the next flush in any case.
        await Eventually.Get(
            rig.Stored,
            n => n >= rig.Fleet.Acknowledged - (2 * gpus),
            n => rig.Nodes[0].Program.Report($"{n} of {rig.Fleet.Acknowledged} samples stored")
        );
        back.UntilMs = Clock.NowMs;

        var books = await Books.Close(rig);
        books.Note(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{waiting} rows were missing, at {gpus} more per second; STORE caught up {(back.UntilMs - back.FromMs) / 1000.0:0.0} "
                    + $"s after the database's start."
            )
        );
        books.BoundLatency(outage, TimeSpan.FromSeconds(1));
        books.AssertExact(output);
    }
}
