using System.Text.Json;
using Akka.Actor;
using GpuActors.Core.Alerts;
using GpuActors.Core.Incidents;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Core.Silences;
using GpuActors.Engine.Alerts;
using GpuActors.Engine.Composition;
using GpuActors.Engine.Detect;
using GpuActors.Engine.Metrics;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Engine.Tests.Composition;

/// <summary>DETECT on a real one-node cluster, its journal in a SQLite file: what becomes of alerts.</summary>
public sealed class AlertLifecycleSpec : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gpuactors-").FullName;
    private readonly GpuRegistry _registry = new();
    private readonly FakeProducer _producer = new();
    private readonly EngineMetrics _metrics = new();

    [Theory]
    [InlineData("")]
    [InlineData("akka.actor.serialize-messages = on")]
    public async Task A_braked_host_is_one_page_and_one_incident_and_operators_words_survive_a_restart(string extra)
    {
        var samples = Enumerable.Range(0, 6).SelectMany(second => Enumerable.Range(0, 8).Select(gpu => (gpu, second, 0x80))).ToArray();
        AlertId alertId;
        var silenceId = "s1";
        using (var system = await OneNode.StartAsync(_folder, extra))
        {
            var engine = await DetectEngine.StartAsync(system, Options(samples));
            await engine.Completion.Completes();

            Assert.Equal(8, Records("gpu-alerts").Count);
            Assert.Single(Records("gpu-alerts"), a => a.GetProperty("page").GetBoolean());
            await Eventually.Until(() => Records("gpu-incidents").Any(i => i.GetProperty("members_total").GetInt32() == 8));
            var incident = Assert.Single(await engine.Lifecycle.IncidentsAsync(true, 10, 100, Eventually.Limit));
            Assert.Equal((8, 1), (incident.Members.Count, incident.Pages));
            Assert.All(engine.Lifecycle.OpenAlerts(), a => Assert.True(a.IncidentId == incident.IncidentId || a.IncidentId is null));

            alertId = engine.Lifecycle.OpenAlerts()[0].AlertId;
            Assert.True(await engine.Lifecycle.IsOpenAsync(alertId, Eventually.Limit));
            Assert.False(await engine.Lifecycle.IsOpenAsync(AlertId.Parse("no-such-alert"), Eventually.Limit));
            Assert.Null(
                (
                    await engine.Lifecycle.ExecuteAsync(new AlertControlCommand.Acknowledge(alertId, "ann", "on it"), Eventually.Limit)
                ).Problem
            );
            Assert.Null(
                (await engine.Lifecycle.ExecuteAsync(new AlertControlCommand.Add(Everything(silenceId)), Eventually.Limit)).Problem
            );
            Assert.NotNull(
                (
                    await engine.Lifecycle.ExecuteAsync(
                        new AlertControlCommand.Add(Everything("bad") with { Matchers = [] }),
                        Eventually.Limit
                    )
                ).Problem
            );
            await engine.StopAsync();
            await CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.ClrExitReason.Instance);
        }

        using var again = await OneNode.StartAsync(_folder, extra);
        // The brake is released: alerts resolve 10 s after.
        var released = samples
            .Concat(Enumerable.Range(6, 20).SelectMany(second => Enumerable.Range(0, 8).Select(gpu => (gpu, second, 0))))
            .ToArray();
        var restarted = await DetectEngine.StartAsync(again, Options(released));
        await restarted.Completion.Completes();
        await Eventually.Until(() =>
            restarted.Lifecycle.Control.Acknowledgements.Count == 1
            && restarted.Lifecycle.Control.Acknowledgements[0].ResolvedAtMs is not null
        );

        Assert.Equal(silenceId, Assert.Single(restarted.Lifecycle.Control.Silences).Id);
        Assert.Empty(restarted.Lifecycle.OpenAlerts());
        Assert.Equal(16, Records("gpu-alerts").Count);
        Assert.Single(Records("gpu-alerts"), a => a.GetProperty("page").GetBoolean());
        await Eventually.Until(() => Records("gpu-incidents")[^1].GetProperty("state").GetString() == "resolved");
        Assert.Equal(8, Records("gpu-incidents")[^1].GetProperty("members_total").GetInt32());
    }

    [Fact]
    public async Task Open_alerts_are_known_again_when_their_gpus_are_heard_of()
    {
        var samples = Enumerable.Range(0, 6).Select(second => (1, second, 0x80)).ToArray();
        using (var system = await OneNode.StartAsync(_folder))
        {
            var engine = await DetectEngine.StartAsync(system, Options(samples));
            await engine.Completion.Completes();
            await engine.StopAsync();
            await CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.ClrExitReason.Instance);
        }

        using var again = await OneNode.StartAsync(_folder);
        var restarted = await DetectEngine.StartAsync(again, Options([.. samples, (1, 6, 0x80)]));
        await restarted.Completion.Completes();

        var alert = Assert.Single(restarted.Lifecycle.OpenAlerts());
        Assert.Equal(("power_brake", Batches.Gpu(1), "n1"), (alert.Rule, alert.Gpu, alert.Labels.Host));
        Assert.Single(Records("gpu-alerts"));
    }

    public void Dispose()
    {
        _metrics.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static Silence Everything(string id) =>
        new(
            id,
            [new SilenceMatcher("rule", "xid")],
            0,
            TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds(),
            "ann",
            "",
            SilenceKind.Silence
        );

    private List<JsonElement> Records(string topic) =>
        [.. _producer.Delivered.Where(r => r.Topic == topic).Select(r => JsonDocument.Parse(r.Value!).RootElement)];

    private DetectOptions Options((int Gpu, int Second, int Mask)[] samples) =>
        new()
        {
            Samples = () => Batches.Source(0, _ => { }, Batches.Of(_registry, 0, 0, samples)),
            Producer = _producer,
            Registry = _registry,
            Partitions = Batches.Partitions,
            Topic = "gpu-metrics-raw",
            Rules = new RuleBook(new RuleSettings()),
            Detect = new DetectSettings { AbsenceCheckInterval = TimeSpan.Zero },
            Checkpoints = OneNode.Checkpoints(_folder),
            Alerts = new AlertSettings(),
            // The test counts pages: an alert that waits too long for its incident pages on its own.
            Incidents = new IncidentSettings { DecisionTimeout = Eventually.Limit },
            Metrics = _metrics,
        };
}
