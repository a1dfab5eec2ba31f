using System.Diagnostics;
using System.Globalization;
using Akka.Streams;
using GpuActors.Collector;
using GpuActors.Core.Alerts;
using GpuActors.Host.Cli;
using GpuActors.Host.Configuration;
using GpuActors.Host.Logging;
using GpuActors.Host.Node;
using GpuActors.Host.Simulating;
using GpuActors.Kafka;
using GpuActors.Storage;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace GpuActors.Host.Demo;

/// <summary>One run of the demo: a simulated fleet, a collector, a node, and a consumer of the published alerts.</summary>
internal sealed class DemoRun(Terminal terminal, HostSettings configured, bool json)
{
    private static readonly TimeSpan StatusInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SettleTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly AlertTally _alerts = new();

    /// <summary>Runs until the time is over or the demo is stopped, then until all collected samples are processed and stored.</summary>
    public async Task<int> RunAsync(TimeSpan? duration, CancellationToken stop)
    {
        await MigrateAsync(stop).ConfigureAwait(false);
        using var loggers = HostLogging.Create(terminal, configured.Log);
        var node = await NodeRuntime.StartAsync(configured, loggers, stop).ConfigureAwait(false);
        await using var nodeScope = node.ConfigureAwait(false);
        var follower = AlertFollower.Start(node.System.Materializer(), configured, "gpu-actors-demo-watcher", Show);
        await UntilAsync(() => node.IsReady, StartTimeout, stop).ConfigureAwait(false);
        // The start times of the scenario's faults count from the fleet's start: a slow start of the node must not let them pass unseen.
        var fleet = await SimulateCommand.StartAsync(configured.Simulation, stop).ConfigureAwait(false);
        await using var fleetScope = fleet.ConfigureAwait(false);
        var settings = configured with
        {
            Collector = configured.Collector with
            {
                Targets = [.. fleet.Targets.Select(target => target.ToString())],
                // The simulated GPUs of another demo are others.
                StateDirectory = "",
            },
        };
        var producer = new KafkaRecordProducer(settings.Kafka, settings.Producer);
        await using var producerScope = producer.ConfigureAwait(false);
        using var collector = new TelemetryCollector(
            settings.Collector,
            producer,
            settings.Topics.Raw,
            settings.Topics.Logs,
            TimeProvider.System,
            loggers.CreateLogger<TelemetryCollector>()
        );
        Say(
            $"[grey]{settings.Simulation.Gpus} simulated GPUs at {fleet.BaseAddress}, "
                + $"broker {settings.Kafka.BootstrapServers.EscapeMarkup()}. Ctrl-C ends it.[/]"
        );

        var started = Stopwatch.GetTimestamp();
        await CollectAsync(node, collector, duration, stop).ConfigureAwait(false);
        var collected = Stopwatch.GetElapsedTime(started);
        await UntilAsync(() => IsSettled(node, collector), SettleTimeout, CancellationToken.None).ConfigureAwait(false);
        await follower.StopAsync().ConfigureAwait(false);
        // A drained node has no GPUs any more.
        var gpus = node.Detect!.Engine.Gpus;
        await node.DrainAsync().ConfigureAwait(false);
        return Report(await SummaryAsync(node, gpus, collector, collected).ConfigureAwait(false));
    }

    private async Task MigrateAsync(CancellationToken stop)
    {
        var store = TelemetryStores.Create(configured.Storage);
        await using (store.ConfigureAwait(false))
        {
            await store.MigrateAsync(stop).ConfigureAwait(false);
        }
    }

    private async Task CollectAsync(NodeRuntime node, TelemetryCollector collector, TimeSpan? duration, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (duration is { } limit)
        {
            end.CancelAfter(limit);
        }

        await Task.WhenAll(collector.RunAsync(end.Token, CancellationToken.None), ShowStatusAsync(node, end.Token)).ConfigureAwait(false);
    }

    private async Task ShowStatusAsync(NodeRuntime node, CancellationToken end)
    {
        using var timer = new PeriodicTimer(StatusInterval);
        var before = 0L;
        var at = Stopwatch.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(end).ConfigureAwait(false))
            {
                var stats = node.Metrics.Snapshot();
                var rate = (stats.SamplesProcessed - before) / Stopwatch.GetElapsedTime(at).TotalSeconds;
                (before, at) = (stats.SamplesProcessed, Stopwatch.GetTimestamp());
                Say(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"[grey]{rate:0.0} samples/s, {node.Detect!.Engine.Gpus} GPUs, {_alerts.Open.Count} alerts open, {
                            _alerts.Total} transitions, p99 {_alerts.Latency.Summary().P99} ms, lag {
                            Math.Max(0, node.Detect.Lag)}, {stats.RowsWritten} rows[/]"
                    )
                );
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private bool IsSettled(NodeRuntime node, TelemetryCollector collector)
    {
        var stats = node.Metrics.Snapshot();
        return stats.SamplesProcessed + stats.Rejected >= collector.Counters.Delivered
            && stats.RowsWritten + stats.Rejected >= collector.Counters.Delivered
            && stats.OutboxDepth == 0
            && _alerts.Total >= stats.Alerts.Values.Sum();
    }

    private async Task<DemoSummary> SummaryAsync(NodeRuntime node, int gpus, TelemetryCollector collector, TimeSpan collected)
    {
        var stats = node.Metrics.Snapshot();
        return new DemoSummary
        {
            SamplesCollected = collector.Counters.Delivered,
            SamplesProcessed = stats.SamplesProcessed,
            RowsWritten = await node.Store!.Store.CountRowsAsync("gpu_metrics", CancellationToken.None).ConfigureAwait(false),
            Rejected = stats.Rejected,
            Alerts = _alerts.Counts,
            AlertLatencyMs = _alerts.Latency.Summary(),
            Gpus = gpus,
            DurationS = Math.Round(collected.TotalSeconds, 1),
        };
    }

    private int Report(DemoSummary summary)
    {
        if (json)
        {
            JsonOutput.Write(terminal, summary);
        }
        else
        {
            terminal.Line(
                $"[bold]{summary.SamplesCollected}[/] samples of [bold]{summary.Gpus}[/] GPUs collected, "
                    + $"[bold]{summary.SamplesProcessed}[/] processed, [bold]{summary.RowsWritten}[/] rows written, "
                    + $"{summary.Rejected} rejected."
            );
            foreach (var (rule, states) in summary.Alerts)
            {
                terminal.Line($"  {rule.EscapeMarkup()}: {states["firing"]} fired, {states["resolved"]} resolved");
            }

            terminal.Line(
                $"Alert latency: p50 {summary.AlertLatencyMs.P50} ms, p99 {summary.AlertLatencyMs.P99} ms, "
                    + $"max {summary.AlertLatencyMs.Max} ms."
            );
        }

        if (summary.SamplesProcessed == summary.SamplesCollected && summary.RowsWritten == summary.SamplesCollected)
        {
            return ExitCode.Success;
        }

        terminal.Notice(
            $"[red]error:[/] {summary.SamplesCollected} samples were collected, but {summary.SamplesProcessed} processed "
                + $"and {summary.RowsWritten} written within {SettleTimeout.TotalSeconds} s"
        );
        return ExitCode.Failure;
    }

    private void Show(AlertTransition alert)
    {
        if (_alerts.Add(alert))
        {
            Say(AlertLine.Of(alert));
        }
    }

    // With --json, standard output contains only the summary.
    private void Say(string markup)
    {
        if (json)
        {
            terminal.Notice(markup);
        }
        else
        {
            terminal.Line(markup);
        }
    }

    private static async Task UntilAsync(Func<bool> reached, TimeSpan limit, CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        while (!reached() && Stopwatch.GetElapsedTime(started) < limit)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), stop).ConfigureAwait(false);
        }
    }
}
