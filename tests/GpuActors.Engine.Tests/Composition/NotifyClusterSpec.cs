using Akka.Actor;
using Akka.Cluster;
using GpuActors.Core.Alerts;
using GpuActors.Core.Incidents;
using GpuActors.Core.Silences;
using GpuActors.Engine.Composition;
using GpuActors.Engine.Metrics;
using GpuActors.Engine.Notify;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Engine.Tests.Composition;

/// <summary>Three nodes in one process: NOTIFY is active on one, takes over on another, and is reached from the third.</summary>
public sealed class NotifyClusterSpec : IDisposable
{
    private const string NotifyRole = "akka.cluster.roles = [notify]";
    private static readonly Dictionary<string, string> All = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("gpuactors-").FullName;
    private readonly InMemoryNotifyTopics _topics = new();
    private readonly EngineMetrics _metrics = new();

    [Fact]
    public async Task What_was_decided_and_said_holds_after_the_active_node_has_left()
    {
        using var first = await OneNode.StartAsync(_folder, NotifyRole);
        var seed = Cluster.Get(first).SelfAddress;
        using var second = await OneNode.StartAsync(_folder, NotifyRole, seed);
        using var serving = await OneNode.StartAsync(_folder, "akka.cluster.roles = [api]", seed);
        NotifyEngine.Start(first, Options);
        NotifyEngine.Start(second, Options);
        var client = NotifyClient.Start(serving);
        _topics.Append(Given.Alert("a1"), Given.Alert("a2") with { Gpu = Batches.Gpu(2) });
        var incident = await Eventually.Get(() => Incident(client), found => found?.MembersTotal == 2);
        var acknowledge = new AlertControlCommand.Acknowledge(AlertId.Parse("a1"), "ann", "");
        Assert.Null((await client.ExecuteAsync(acknowledge, Eventually.Limit)).Problem);

        await CoordinatedShutdown.Get(first).Run(CoordinatedShutdown.ClrExitReason.Instance);

        _topics.Append(Given.Alert("a3") with { Gpu = Batches.Gpu(3) });
        var after = await Eventually.Get(() => Incident(client), found => found?.MembersTotal == 3);
        Assert.Equal(incident!.IncidentId, after!.IncidentId);
        var alerts = await client.AlertsAsync(All, Eventually.Limit);
        Assert.Equal(["ann", null, null], alerts.Alerts.OrderBy(a => a.AlertId.Value).Select(a => a.AcknowledgedBy));
        Assert.Single(_topics.Pages);
        Assert.True(client.IsPossible);
        Assert.Single((await client.ControlAsync(Eventually.Limit)).Acknowledgements);
    }

    [Fact]
    public async Task Without_the_role_in_the_cluster_it_is_known_that_nobody_can_answer()
    {
        using var serving = await OneNode.StartAsync(_folder, "akka.cluster.roles = [api]");
        var client = NotifyClient.Start(serving);

        Assert.False(client.IsPossible);
        await Assert.ThrowsAsync<AskTimeoutException>(() => client.AlertsAsync(All, TimeSpan.FromMilliseconds(100)));
    }

    public void Dispose()
    {
        _metrics.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private NotifyOptions Options => new() { Connect = _topics.Connect, Metrics = _metrics };

    // Null also while NOTIFY moves to another node.
    private static async Task<IncidentRecord?> Incident(NotifyClient client)
    {
        try
        {
            return (await client.IncidentsAsync(true, 10, 10, TimeSpan.FromSeconds(1))).SingleOrDefault();
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }
}
