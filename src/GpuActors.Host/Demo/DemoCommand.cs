using System.CommandLine;
using GpuActors.Host.Cli;
using GpuActors.Host.Configuration;
using GpuActors.Kafka.Admin;
using Microsoft.Data.Sqlite;
using Spectre.Console;

namespace GpuActors.Host.Demo;

/// <summary><c>gpuactors demo</c>: everything in one process, nothing to install.</summary>
internal static class DemoCommand
{
    // Stands for "no broker was named: bring your own".
    private const string Embedded = "embedded:1";

    public static Command Create(Terminal terminal)
    {
        var duration = DurationOption.Create("--duration", "Collects for this time, then ends with a summary (default: runs until Ctrl-C)");
        var gpus = new Option<int?>("--gpus") { Description = "Number of simulated GPUs (default 10)", HelpName = "N" };
        var scenario = new Option<string?>("--scenario")
        {
            Description = "File with faults by time (default: the built-in one)",
            HelpName = "FILE",
        };
        var folder = new Option<string?>("--data-dir")
        {
            Description = "Keeps the databases in this folder (default: a temporary one, deleted at the end)",
            HelpName = "DIR",
        };
        var external = new Option<bool>("--external")
        {
            Description = "Uses the brokers and the database of the configuration (default: its own, and touches no others)",
        };
        var json = CommonOptions.Json();
        var command = new Command(
            "demo",
            "Runs a simulated fleet, collector, broker, engine and database in one process and shows alerts as they happen"
        )
        {
            duration,
            gpus,
            scenario,
            folder,
            external,
            json,
        };
        command.SetAction(
            async (parse, stop) =>
            {
                var kept = parse.GetValue(folder);
                var data = kept is null ? Directory.CreateTempSubdirectory("gpuactors-demo-") : Directory.CreateDirectory(kept);
                try
                {
                    var isolation = parse.GetValue(external) ? null : new ConfigIsolation();
                    var source = CommonOptions.Source(
                        parse,
                        terminal,
                        CommonOptions.Assignments(
                            ("simulation.gpus", CommonOptions.Text(parse.GetValue(gpus))),
                            ("simulation.scenario", parse.GetValue(scenario))
                        ),
                        Defaults(data.FullName)
                    );
                    var settings = (source with { Isolation = isolation }).Load();
                    if (isolation is { Ignored.Count: > 0 })
                    {
                        terminal.Notice(
                            "[yellow]note:[/] the demo has its own brokers and database and ignores "
                                + $"{string.Join(", ", isolation.Ignored).EscapeMarkup()}; --external uses them"
                        );
                    }

                    return await RunAsync(terminal, settings, parse.GetValue(duration), parse.GetValue(json), stop).ConfigureAwait(false);
                }
                finally
                {
                    // Pooled connections would hold the files.
                    SqliteConnection.ClearAllPools();
                    if (kept is null)
                    {
                        data.Delete(recursive: true);
                    }
                }
            }
        );
        return command;
    }

    private static ConfigLayer Defaults(string folder) =>
        CommonOptions.Overrides(
            "demo",
            ("kafka.bootstrap-servers", Embedded),
            ("storage.connection-string", $"Data Source={Path.Combine(folder, "telemetry.db")}"),
            ("simulation.port", "0"),
            ("simulation.scenario", "demo"),
            // The hosts' kernels log into one file, as on a log server, and the collector follows it.
            ("simulation.kernel-log", Path.Combine(folder, "kern.log")),
            ("collector.kernel-log", Path.Combine(folder, "kern.log")),
            // The simulated hosts are named dc-east-01-n001: ten of a data centre stand in one rack.
            ("topology.host-pattern", "^(?<rack>(?<datacenter>[a-z]+-[a-z]+-[0-9]+)-n[0-9]{2})[0-9]$"),
            // Ten exporters of one process need no spreading, and the first samples come at once.
            ("collector.jitter", "100ms"),
            // The embedded broker answers a fetch that found nothing only when its time is up, not when a record arrives.
            ("kafka.consumer.fetch-wait", "10ms")
        );

    private static async Task<int> RunAsync(Terminal terminal, HostSettings settings, TimeSpan? duration, bool json, CancellationToken stop)
    {
        if (settings.Kafka.BootstrapServers != Embedded)
        {
            using var topics = new KafkaTopics(settings.Kafka);
            await topics.EnsureAsync([.. settings.Topics.All], settings.TopicLayout, stop, settings.Topics.Compacted).ConfigureAwait(false);
            return await new DemoRun(terminal, settings, json).RunAsync(duration, stop).ConfigureAwait(false);
        }

        using var broker = EmbeddedBroker.Start();
        foreach (var topic in settings.Topics.All)
        {
            broker.CreateTopic(topic, settings.TopicLayout.Partitions);
        }

        settings = settings with { Kafka = settings.Kafka with { BootstrapServers = broker.BootstrapServers } };
        return await new DemoRun(terminal, settings, json).RunAsync(duration, stop).ConfigureAwait(false);
    }
}
