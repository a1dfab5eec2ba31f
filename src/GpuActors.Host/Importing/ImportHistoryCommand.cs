using System.CommandLine;
using GpuActors.Core.Histories;
using GpuActors.Core.Storage;
using GpuActors.Host.Cli;
using GpuActors.Host.Configuration;
using GpuActors.Host.Histories;

namespace GpuActors.Host.Importing;

/// <summary><c>gpuactors import history</c>: reads a life and repair log into the database.</summary>
internal static class ImportHistoryCommand
{
    public static Command Create(Terminal terminal)
    {
        var input = new HistoryInput();
        var types = new Option<string[]>("--type")
        {
            Description = $"Class of an event, such as DBE=memory; one of {string.Join(", ", GpuFailure.Types)}; repeatable",
            HelpName = "EVENT=TYPE",
            DefaultValueFactory = _ => [],
        };
        var json = CommonOptions.Json();
        var command = new Command("history", "Reads a CSV file of the lives and failures of GPUs into gpu_service and gpu_failures")
        {
            input.File,
            types,
            json,
        };
        foreach (var option in input.Options)
        {
            command.Add(option);
        }

        command.SetAction(
            async (parse, stop) =>
            {
                var settings = CommonOptions.Load(parse, terminal);
                var typeOf = Types(parse.GetValue(types) ?? []);
                var file = input.Read(terminal, parse, "nothing was imported");
                var history = FleetHistory.Of(file.Spans, input.Zone(parse), typeOf, "history");
                HistoryCounts counts;
                var store = await AssetDatabase.OpenAsync(settings.Storage, stop).ConfigureAwait(false);
                await using (store.ConfigureAwait(false))
                {
                    counts = await store.WriteHistoryAsync(history, stop).ConfigureAwait(false);
                }

                if (parse.GetValue(json))
                {
                    JsonOutput.Write(
                        terminal,
                        new
                        {
                            Lines = file.Spans.Count,
                            Skipped = file.Errors.Count,
                            counts.Assets,
                            counts.Service,
                            counts.Failures,
                        }
                    );
                    return ExitCode.Success;
                }

                ImportReport.Line(terminal, "gpu_assets", counts.Assets);
                ImportReport.Line(terminal, "gpu_service", counts.Service);
                ImportReport.Line(terminal, "gpu_failures", counts.Failures);
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static Dictionary<string, string> Types(IEnumerable<string> assignments)
    {
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var assignment in assignments)
        {
            // The words of a log may contain '=', a type may not.
            var at = assignment.LastIndexOf('=');
            var type = assignment[(at + 1)..];
            if (at < 1 || !GpuFailure.Types.Contains(type, StringComparer.Ordinal))
            {
                throw new ConfigurationException(
                    $"--type = '{assignment}': it must be EVENT=TYPE, where TYPE is one of {string.Join(", ", GpuFailure.Types)}"
                );
            }

            types[assignment[..at]] = type;
        }

        return types;
    }
}
