using System.CommandLine;
using GpuActors.Collector;
using GpuActors.Collector.Common;
using GpuActors.Host.Cli;
using GpuActors.Host.Configuration;
using GpuActors.Host.Http;
using GpuActors.Host.Logging;
using GpuActors.Host.NodeRoles;
using GpuActors.Host.Settings;
using GpuActors.Kafka.Admin;
using GpuActors.Kafka.Buffering;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace GpuActors.Host.Collecting;

/// <summary><c>gpuactors collect</c>: scrapes exporters into Kafka until stopped.</summary>
internal static class CollectCommand
{
    public static Command Create(Terminal terminal)
    {
        var targets = new Option<string[]>("--target")
        {
            Description = "Exporter page to scrape, such as http://node1:9400/metrics; repeatable (default: collector.targets)",
            HelpName = "URL",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [],
        };
        var format = new Option<string?>("--format")
        {
            Description = "How samples are written, json or protobuf (default: collector.format)",
            HelpName = "FORMAT",
        };
        format.AcceptOnlyFromAmong([.. Enum.GetNames<SampleFormat>().Select(KebabCase.Of)]);
        var kernelLog = new Option<string?>("--kernel-log")
        {
            Description =
                "Kernel log of a host to follow for XIDs: a file such as /var/log/kern.log, or journal (default: collector.kernel-log)",
            HelpName = "FILE|journal",
        };
        var duration = DurationOption.Create("--duration", "Stops by itself after this time (default: runs until Ctrl-C)");
        var json = CommonOptions.Json();
        var command = new Command("collect", "Scrapes exporters and produces one record per GPU and scrape to Kafka")
        {
            targets,
            format,
            kernelLog,
            duration,
            json,
        };
        command.SetAction(
            (parse, stop) =>
            {
                var settings = CommonOptions.Load(
                    parse,
                    terminal,
                    CommonOptions.Assignments(("collector.kernel-log", parse.GetValue(kernelLog)))
                );
                if (parse.GetRequiredValue(targets) is { Length: > 0 } given)
                {
                    settings = settings with { Collector = settings.Collector with { Targets = given } };
                }

                if (parse.GetValue(format) is { } name)
                {
                    settings = settings with
                    {
                        Collector = settings.Collector with { Format = Enum.Parse<SampleFormat>(name, ignoreCase: true) },
                    };
                }

                return RunAsync(terminal, settings, parse.GetValue(duration), parse.GetValue(json), stop);
            }
        );
        return command;
    }

    private static async Task<int> RunAsync(Terminal terminal, HostSettings settings, TimeSpan? duration, bool json, CancellationToken stop)
    {
        if (settings.Collector.Validate().ToList() is { Count: > 0 } problems)
        {
            throw new ConfigurationException([.. problems.Select(problem => "gpu-actors.collector." + problem)]);
        }

        settings.RequireTargets();
        using (var topics = new KafkaTopics(settings.Kafka))
        {
            await topics.EnsureAsync([settings.Topics.Raw, settings.Topics.Logs], settings.TopicLayout, stop).ConfigureAwait(false);
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (duration is { } limit)
        {
            end.CancelAfter(limit);
        }

        using var loggers = HostLogging.Create(terminal, settings.Log);
        var producer = RoleProducers.OfCollector(settings, loggers);
        await using (producer.ConfigureAwait(false))
        {
            using var collector = new TelemetryCollector(
                settings.Collector,
                producer,
                settings.Topics.Raw,
                settings.Topics.Logs,
                TimeProvider.System,
                loggers.CreateLogger<TelemetryCollector>()
            );
            var endpoint = await ListenAsync(settings.CollectEndpoint, producer, loggers, stop).ConfigureAwait(false);
            try
            {
                terminal.Notice(
                    $"ready: scraping {settings.Collector.Targets.Count} exporters "
                        + $"every {settings.Collector.Interval.TotalSeconds:0.###} s "
                        + $"into {settings.Topics.Raw.EscapeMarkup()}{Following(settings)} "
                        + $"at {settings.Kafka.BootstrapServers.EscapeMarkup()}"
                        + (endpoint is null ? "" : $", {endpoint.Address}metrics")
                );
                // What the brokers do not take within this time after the end is lost.
                using var abort = new CancellationTokenSource();
                var closeTimeout = settings.Producer.CloseTimeout;
                await using var closing = end.Token.Register(() => abort.CancelAfter(closeTimeout)).ConfigureAwait(false);
                await collector.RunAsync(end.Token, abort.Token).ConfigureAwait(false);
                var left = producer.QueuedRecords;
                await producer.DisposeAsync().ConfigureAwait(false);
                return Report(terminal, collector.Counters, left, json);
            }
            finally
            {
                if (endpoint is not null)
                {
                    await endpoint.DisposeAsync().ConfigureAwait(false);
                }
            }
        }
    }

    // Samples matter more than the endpoint: a port in use must not stop the collection.
    private static async Task<NodeEndpoint?> ListenAsync(
        CollectEndpointSettings settings,
        BufferedRecordProducer producer,
        ILoggerFactory loggers,
        CancellationToken stop
    )
    {
        if (!settings.Enabled)
        {
            return null;
        }

        var view = new NodeView
        {
            Readiness = () => new Dictionary<string, bool> { ["collect"] = true, ["brokers"] = producer.IsDelivering },
        };
        try
        {
            return await NodeEndpoint.StartAsync(settings.AsApi(), view, loggers, stop).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            loggers.CreateLogger<NodeEndpoint>().CollectEndpointFailed(settings.Host, settings.Port, (e.InnerException ?? e).Message);
            return null;
        }
    }

    private static string Following(HostSettings settings) =>
        settings.Collector.KernelLog.Length == 0
            ? ""
            : $", the kernel log {settings.Collector.KernelLog.EscapeMarkup()} into {settings.Topics.Logs.EscapeMarkup()}";

    // Losses of an outage that is over were reported when they came. What fails is a run that has delivered nothing, or that ends with
    // records that no broker has.
    private static int Report(Terminal terminal, CollectorCounters counters, int left, bool json)
    {
        var lost = counters.Undelivered + counters.Dropped;
        var logsLost = counters.LogUndelivered + counters.LogsDropped + counters.LogUnplacedTotal;
        if (json)
        {
            JsonOutput.Write(
                terminal,
                new
                {
                    SamplesCollected = counters.Delivered,
                    SamplesLost = lost,
                    counters.Scrapes,
                    counters.FailedScrapes,
                    counters.SkippedScrapes,
                    counters.PageErrors,
                    LogRecords = counters.LogDelivered,
                    LogsLost = logsLost,
                }
            );
        }
        else
        {
            terminal.Line(
                $"{counters.Delivered} samples from {counters.Scrapes} scrapes, {counters.FailedScrapes} scrapes failed, "
                    + $"{lost} samples lost."
            );
            if (counters.LogLines > 0)
            {
                terminal.Line(
                    $"{counters.LogDelivered} reports from {counters.LogLines} lines of the kernel log, "
                        + $"{counters.LogUnplacedTotal} on GPUs that no exporter showed, "
                        + $"{counters.LogUndelivered + counters.LogsDropped} lost."
                );
            }
        }

        var tried = counters.Scrapes + counters.FailedScrapes + counters.LogLines > 0;
        if (tried && counters.Delivered + counters.LogDelivered == 0)
        {
            terminal.Notice(
                counters.Scrapes == 0
                    ? "[red]error:[/] nothing was delivered: no exporter has answered"
                    : "[red]error:[/] nothing was delivered: see the log above"
            );
            return ExitCode.Failure;
        }

        if (left > 0)
        {
            terminal.Notice($"[red]error:[/] {left} records were not delivered before the end: Kafka did not take them");
        }

        return left == 0 ? ExitCode.Success : ExitCode.Failure;
    }
}
