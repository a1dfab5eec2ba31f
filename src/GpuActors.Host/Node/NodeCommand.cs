using System.CommandLine;
using System.Diagnostics;
using GpuActors.Collector;
using GpuActors.Engine.Composition;
using GpuActors.Host.Cli;
using GpuActors.Host.Configuration;
using GpuActors.Host.Http;
using GpuActors.Kafka;
using Spectre.Console;

namespace GpuActors.Host.Node;

/// <summary><c>gpuactors node</c>: a member of the cluster, until stopped.</summary>
internal static class NodeCommand
{
    // Of each incident in a list: the incident itself has all.
    private const int MembersListed = 20;

    private static readonly TimeSpan Ask = TimeSpan.FromSeconds(5);

    // Less than an operator's patience: who is late is named in the answer.
    private static readonly TimeSpan Gather = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Assignment = TimeSpan.FromSeconds(20);

    public static Command Create(Terminal terminal)
    {
        var roles = new Option<string?>("--roles")
        {
            Description = "What it does: any of detect, store, collect, api, divided by commas (default: node.roles)",
            HelpName = "ROLES",
        };
        var command = new Command(
            "node",
            "Runs a node: detects, stores and, if told so, collects or serves the whole fleet over HTTP, until Ctrl-C"
        )
        {
            roles,
        };
        command.SetAction(
            (parse, stop) =>
            {
                var given = parse.GetValue(roles);
                var sets = given is null ? [] : new[] { $"node.roles={given}" };
                return RunAsync(terminal, CommonOptions.Source(parse, terminal, sets), stop);
            }
        );
        return command;
    }

    private static async Task<int> RunAsync(Terminal terminal, ConfigSource source, CancellationToken stop)
    {
        var settings = source.Load();
        await NodeChecks.RunAsync(settings, stop).ConfigureAwait(false);
        var started = Stopwatch.GetTimestamp();
        var node = await NodeRuntime.StartAsync(settings, stop).ConfigureAwait(false);
        await using (node.ConfigureAwait(false))
        {
            var endpoint = settings.Api.Enabled
                ? await NodeEndpoint.StartAsync(settings.Api, View(node), stop).ConfigureAwait(false)
                : null;
            try
            {
                await AwaitPartitionsAsync(node, stop).ConfigureAwait(false);
                terminal.Line(
                    $"ready: roles {string.Join(", ", settings.Node.Roles)}{(settings.Node.NeedsKafka() ? $", {settings.Kafka.BootstrapServers.EscapeMarkup()}" : "")}{(endpoint is null ? "" : $", {endpoint.Address}")} (after {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s)"
                );
                var reloader = new RuleReloader(
                    source,
                    node.Rules,
                    TimeProvider.System,
                    text => terminal.Notice($"[yellow]{text.EscapeMarkup()}[/]")
                );
                var work = Task.WhenAll(
                    CollectAsync(terminal, settings, stop),
                    reloader.RunAsync(settings.Node.ReloadInterval, stop),
                    UntilAsync(stop)
                );
                await (await Task.WhenAny(work, node.Failed).ConfigureAwait(false)).ConfigureAwait(false);
                await node.DrainAsync().ConfigureAwait(false);
            }
            catch when (node.Failed.IsFaulted)
            {
                await node.AbandonAsync().ConfigureAwait(false);
                throw;
            }
            finally
            {
                if (endpoint is not null)
                {
                    await endpoint.DisposeAsync().ConfigureAwait(false);
                }
            }
        }

        return ExitCode.Success;
    }

    /// <summary>What the node shows over HTTP.</summary>
    internal static NodeView View(NodeRuntime node) =>
        new()
        {
            Readiness = () =>
                node.Consumes
                    ? new Dictionary<string, bool> { ["cluster"] = node.IsUp, ["partitions"] = node.HasPartitions }
                    : new Dictionary<string, bool> { ["cluster"] = node.IsUp },
            GpuStatus = node.Lifecycle is null
                ? null
                : async (gpu, _) =>
                    await Asked(node.StatusAsync(gpu, Ask)).ConfigureAwait(false) is { } status ? GpuStatusBody.Of(status) : null,
            Alerts = node.Lifecycle is { } alerts ? Desk(alerts, node.ServesFleet) : null,
        };

    private static AlertDesk Desk(AlertLifecycle alerts, bool ofFleet) =>
        new()
        {
            OpenAlerts = where => ofFleet ? alerts.FleetAlertsAsync(where, Gather) : Task.FromResult(alerts.OpenAlerts(where)),
            IsOpen = id => Asked(alerts.IsOpenAsync(id, Ask)),
            Control = () =>
                alerts.KnowsControl ? alerts.Control : throw new TimeoutException("The keeper of silences has not been heard of yet"),
            Execute = command => Asked(alerts.ExecuteAsync(command, Ask)),
            Incidents = (openOnly, limit) => Asked(alerts.IncidentsAsync(openOnly, limit, MembersListed, Ask)),
            Incident = id => Asked(alerts.IncidentAsync(id, Ask)),
        };

    private static async Task<T> Asked<T>(Task<T> answer)
    {
        try
        {
            return await answer.ConfigureAwait(false);
        }
        catch (Akka.Actor.AskTimeoutException e)
        {
            throw new TimeoutException(e.Message, e);
        }
    }

    // A further node of a group may get no partition for a while: it is ready all the same.
    private static async Task AwaitPartitionsAsync(NodeRuntime node, CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        while (!node.HasPartitions && Stopwatch.GetElapsedTime(started) < Assignment)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), stop).ConfigureAwait(false);
        }
    }

    private static async Task CollectAsync(Terminal terminal, HostSettings settings, CancellationToken stop)
    {
        if (!settings.Node.Roles.Contains("collect"))
        {
            return;
        }

        var producer = new KafkaRecordProducer(settings.Kafka, settings.Producer);
        await using (producer.ConfigureAwait(false))
        {
            using var collector = new TelemetryCollector(
                settings.Collector,
                producer,
                settings.Topics.Raw,
                settings.Topics.Logs,
                TimeProvider.System,
                text => terminal.Notice($"[yellow]{text.EscapeMarkup()}[/]")
            );
            await collector.RunAsync(stop, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static Task UntilAsync(CancellationToken stop)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        stop.Register(() => stopped.TrySetResult());
        return stopped.Task;
    }
}
