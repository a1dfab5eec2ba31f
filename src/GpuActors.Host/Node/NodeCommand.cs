using System.CommandLine;
using System.Diagnostics;
using GpuActors.Host.Cli;
using GpuActors.Host.Configuration;
using GpuActors.Host.Http;
using GpuActors.Host.Logging;
using GpuActors.Host.Settings;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace GpuActors.Host.Node;

/// <summary><c>gpuactors node</c>: runs a member of the cluster until stopped.</summary>
internal static class NodeCommand
{
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(20);

    public static Command Create(Terminal terminal)
    {
        var roles = new Option<string?>("--roles")
        {
            Description = "Roles of the node, any of detect, store, collect, api, separated by commas (default: node.roles)",
            HelpName = "ROLES",
        };
        var command = new Command(
            "node",
            "Runs a node: detects, stores and, where configured, collects or serves the whole fleet over HTTP, until Ctrl-C"
        )
        {
            roles,
        };
        command.SetAction(
            (parse, stop) =>
            {
                var source = CommonOptions.Source(parse, terminal, CommonOptions.Assignments(("node.roles", parse.GetValue(roles))));
                return RunAsync(terminal, source, stop);
            }
        );
        return command;
    }

    private static async Task<int> RunAsync(Terminal terminal, ConfigSource source, CancellationToken stop)
    {
        var settings = source.Load();
        CheckExposure(settings.Api, terminal);
        if (settings.Node.Roles.Contains("collect"))
        {
            settings.RequireTargets();
        }

        await NodeChecks.RunAsync(settings, stop).ConfigureAwait(false);
        var started = Stopwatch.GetTimestamp();
        using var loggers = HostLogging.Create(terminal, settings.Log);
        var node = await NodeRuntime.StartAsync(settings, loggers, stop).ConfigureAwait(false);
        await using (node.ConfigureAwait(false))
        {
            var endpoint = settings.Api.Enabled
                ? await NodeEndpoint.StartAsync(settings.Api, NodeViews.Of(node), loggers, stop).ConfigureAwait(false)
                : null;
            try
            {
                await AwaitReadyAsync(node, stop).ConfigureAwait(false);
                terminal.Line(Ready(settings, endpoint, Stopwatch.GetElapsedTime(started)));
                var reloader = new RuleReloader(source, node.Rules, TimeProvider.System, loggers.CreateLogger<RuleReloader>());
                var work = Task.WhenAll(reloader.RunAsync(settings.Node.ReloadInterval, stop), StoppedAsync(stop));
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

    private static void CheckExposure(ApiSettings api, Terminal terminal)
    {
        if (!api.IsExposed)
        {
            return;
        }

        if (!api.Insecure)
        {
            throw new ConfigurationException(
                $"gpu-actors.api.host = {api.Host}: other machines can reach this address, and the endpoint authenticates nobody: anybody "
                    + "could silence alerts. Use 127.0.0.1, or set api.insecure = true if something else restricts who can connect"
            );
        }

        terminal.Notice(
            $"[yellow]warning:[/] api.insecure: anybody who can reach {api.Host.EscapeMarkup()} port {api.Port} can silence and "
                + "acknowledge alerts"
        );
    }

    private static string Ready(HostSettings settings, NodeEndpoint? endpoint, TimeSpan after)
    {
        var broker = settings.Node.NeedsKafka() ? $", {settings.Kafka.BootstrapServers.EscapeMarkup()}" : "";
        var address = endpoint is null ? "" : $", {endpoint.Address}";
        return $"ready: roles {string.Join(", ", settings.Node.Roles)}{broker}{address} (after {after.TotalSeconds:0.0} s)";
    }

    // A node that joins a running group may get no partition for a while, so the wait is limited.
    private static async Task AwaitReadyAsync(NodeRuntime node, CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        while (!node.IsReady && Stopwatch.GetElapsedTime(started) < ReadyTimeout)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), stop).ConfigureAwait(false);
        }
    }

    private static Task StoppedAsync(CancellationToken stop)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        stop.Register(() => stopped.TrySetResult());
        return stopped.Task;
    }
}
