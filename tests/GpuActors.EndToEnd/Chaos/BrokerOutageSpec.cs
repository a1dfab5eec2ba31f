using Xunit;
using Xunit.Abstractions;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>
/// Outages of brokers: nothing is lost or duplicated, and no GPU is reported absent because the log could not accept its samples.
/// </summary>
[Collection(ChaosCollection.Name)]
[Trait("Category", ChaosScale.Category)]
public sealed class BrokerOutageSpec(ITestOutputHelper output)
{
    [SkippableFact]
    public async Task An_outage_of_the_only_broker_loses_and_duplicates_nothing()
    {
        ChaosScale.Require();
        var away = ChaosScale.Seconds(15, 60);
        await using var rig = await ChaosRig.Start("broker-outage", nodes: 2);
        await rig.StartFleet(ChaosScale.Of(300, 1_000), away * 3);

        var outage = rig.Disturb("Broker away");
        await rig.Kafka.KillAsync(1);
        await Task.Delay(away);
        outage.UntilMs = Clock.NowMs;
        var back = rig.Disturb("Broker back");
        await rig.Kafka.RestartAsync(1);
        await Task.Delay(away);
        back.UntilMs = Clock.NowMs;

        (await Books.Close(rig)).AssertExact(output);
    }

    [SkippableFact]
    public async Task Killing_each_of_three_brokers_in_turn_loses_and_duplicates_nothing()
    {
        ChaosScale.Require();
        const int Brokers = 3;
        var away = ChaosScale.Seconds(12, 30);
        await using var rig = await ChaosRig.Start("brokers-in-turn", nodes: 2, Brokers);
        await rig.StartFleet(ChaosScale.Of(200, 1_000), away * Brokers * 2);

        for (var broker = 1; broker <= Brokers; broker++)
        {
            var outage = rig.Disturb($"Broker {broker} away");
            await rig.Kafka.KillAsync(broker);
            await Task.Delay(away);
            await rig.Kafka.RestartAsync(broker);
            // Wait until all replicas are in sync. Killing the next broker earlier could lose the only copies of records.
            await Replicas.AwaitInSync(rig.Kafka.BootstrapServers, Brokers);
            outage.UntilMs = Clock.NowMs;
        }

        (await Books.Close(rig)).AssertExact(output);
    }
}
