using System.Text.Json;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.EndToEnd;

/// <summary>The incident of a host whose GPUs all have a power brake, with a real broker and a real database.</summary>
public sealed class LifecycleSpec
{
    [SkippableFact]
    public async Task A_power_brake_on_a_host_is_one_incident_with_one_page_and_its_acknowledgement_survives_a_restart()
    {
        await using var pipeline = await Pipeline.Start(gpus: 16);
        await pipeline.StartCollector();
        await Eventually.Get(pipeline.Produced, n => n >= 64, n => $"only {n} samples were produced");

        for (var gpu = 0; gpu < 8; gpu++)
        {
            await pipeline.Fault(gpu, "power_brake", seconds: 600);
        }

        _ = await Eventually.Get(
            pipeline.Alerts,
            a => a.Count(x => Is(x.Alert, "power_brake", "firing")) == 8,
            a => pipeline.Node.Report($"{a.Count} alerts")
        );
        var incidents = await Eventually.Get(
            pipeline.Incidents,
            i => i.Any(x => x.GetProperty("members_total").GetInt32() == 8),
            i => pipeline.Node.Report($"{i.Count} records of incidents")
        );
        var id = Assert.Single(incidents.Select(i => i.GetProperty("incident_id").GetString()).Distinct());
        var incident = incidents.MaxBy(i => i.GetProperty("seq").GetInt32());
        Assert.Equal(8, incident.GetProperty("members").GetArrayLength());
        Assert.Equal(
            ("power", "host", 1),
            (
                incident.GetProperty("cause").GetString(),
                incident.GetProperty("scope").GetProperty("kind").GetString(),
                incident.GetProperty("pages").GetInt32()
            )
        );
        Assert.Equal(id, (await pipeline.Get("/api/incidents")).GetProperty("incidents")[0].GetProperty("incident_id").GetString());

        var open = (await pipeline.Get("/api/alerts?state=open&rule=power_brake")).GetProperty("alerts");
        Assert.Equal(8, open.GetArrayLength());
        var alertId = open[0].GetProperty("alert_id").GetString()!;
        await pipeline.Post($"/api/alerts/{alertId}/ack", new { by = "ann", comment = "on it" });
        await pipeline.Post(
            "/api/maintenance",
            new
            {
                host = incident.GetProperty("scope").GetProperty("name").GetString(),
                duration = "2h",
                by = "ann",
            }
        );

        await pipeline.Node.Interrupt();
        Assert.Equal(0, await pipeline.Node.Exited());
        await pipeline.StartNode();

        var alert = await Eventually.Get(
            () => Alert(pipeline, alertId),
            a => a is { } found && found.TryGetProperty("acknowledged_by", out _),
            a => pipeline.Node.Report($"the alert is {a}")
        );
        Assert.Equal("ann", alert!.Value.GetProperty("acknowledged_by").GetString());
        Assert.True(alert.Value.TryGetProperty("silenced_by", out _));
        // After the restart nobody is paged again, and no transition is published twice.
        Assert.Equal("opened", Assert.Single(await pipeline.Pages()).GetProperty("reason").GetString());
        Assert.Equal(8, (await pipeline.Alerts()).Count(a => Is(a.Alert, "power_brake", "firing")));
        Assert.Equal(id, (await pipeline.Get("/api/incidents")).GetProperty("incidents")[0].GetProperty("incident_id").GetString());
    }

    private static async Task<JsonElement?> Alert(Pipeline pipeline, string id) =>
        (await pipeline.Get("/api/alerts"))
            .GetProperty("alerts")
            .EnumerateArray()
            .Where(a => a.GetProperty("alert_id").GetString() == id)
            .Select(a => (JsonElement?)a)
            .FirstOrDefault();

    private static bool Is(JsonElement alert, string rule, string state) =>
        alert.GetProperty("rule").GetString() == rule && alert.GetProperty("state").GetString() == state;
}
