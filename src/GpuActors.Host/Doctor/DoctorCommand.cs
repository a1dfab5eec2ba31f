using System.CommandLine;
using GpuActors.Host.Cli;
using GpuActors.Host.Configuration;
using Spectre.Console;

namespace GpuActors.Host.Doctor;

/// <summary><c>gpuactors doctor</c>: looks at everything a node needs and says what to do about what is wrong.</summary>
internal static class DoctorCommand
{
    public static Command Create(Terminal terminal)
    {
        var targets = new Option<string[]>("--target")
        {
            Description = "Exporter page to check; repeatable",
            HelpName = "URL",
            DefaultValueFactory = _ => [],
        };
        var timeout = DurationOption.Create("--timeout", "Longest wait for each answer (default 5s)");
        var json = CommonOptions.Json();
        var command = new Command("doctor", "Checks exporters, brokers, topics and the database, and says what to do about what is wrong")
        {
            targets,
            timeout,
            json,
        };
        command.SetAction(
            (parse, cancellationToken) =>
                RunAsync(
                    terminal,
                    CommonOptions.Load(parse, terminal),
                    parse.GetRequiredValue(targets),
                    parse.GetValue(timeout) ?? TimeSpan.FromSeconds(5),
                    parse.GetValue(json),
                    cancellationToken
                )
        );
        return command;
    }

    private static async Task<int> RunAsync(
        Terminal terminal,
        HostSettings settings,
        string[] targets,
        TimeSpan timeout,
        bool json,
        CancellationToken cancellationToken
    )
    {
        using var http = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = System.Net.DecompressionMethods.All })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        var exporters = await Task.WhenAll(targets.Select(url => ExporterCheck.RunAsync(http, url, timeout, cancellationToken)))
            .ConfigureAwait(false);
        // Only what the roles of the configuration need.
        var broker = settings.Node.NeedsKafka()
            ? await BrokerCheck.RunAsync(settings, timeout, cancellationToken).ConfigureAwait(false)
            : [];
        CheckResult[] database = settings.Node.Roles.Contains("store")
            ? [await DatabaseCheck.RunAsync(settings.Storage, timeout, cancellationToken).ConfigureAwait(false)]
            : [];
        CheckResult[] results = [.. exporters, .. broker, .. database];
        var failed = results.Count(result => result.Status == CheckStatus.Fail);
        if (json)
        {
            JsonOutput.Write(
                terminal,
                new DoctorReport(
                    failed == 0,
                    [.. results.Select(r => new DoctorReport.Check(r.Name, KebabCase.Of(r.Status.ToString()), r.Detail, r.Remedy))]
                )
            );
        }
        else
        {
            foreach (var result in results)
            {
                Print(terminal, result);
            }

            terminal.Line(failed == 0 ? "[green]Nothing stands in the way.[/]" : $"[red]{failed} of {results.Length} checks failed.[/]");
        }

        return failed == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    private static void Print(Terminal terminal, CheckResult result)
    {
        var mark = result.Status switch
        {
            CheckStatus.Ok => "[green]ok  [/]",
            CheckStatus.Warn => "[yellow]warn[/]",
            _ => "[red]fail[/]",
        };
        terminal.Line($"{mark}  {result.Name.EscapeMarkup()}: {result.Detail.EscapeMarkup()}");
        if (result.Remedy.Length > 0)
        {
            terminal.Line($"      [grey]{result.Remedy.Replace("\n", "\n      ", StringComparison.Ordinal).EscapeMarkup()}[/]");
        }
    }
}
