using System.CommandLine;
using GpuActors.Core.Storage;
using GpuActors.Host.Cli;
using GpuActors.Host.Configuration;
using GpuActors.Host.Histories;
using GpuActors.Learning.Histories;
using Spectre.Console;

namespace GpuActors.Host.Importing;

/// <summary><c>gpuactors import assets</c>: reads an inventory into the database.</summary>
internal static class ImportAssetsCommand
{
    public static Command Create(Terminal terminal)
    {
        var path = new Argument<string>("FILE") { Description = "CSV with a header: gpu, and any of the other keys of --column" };
        var columns = new Option<string[]>("--column")
        {
            Description = $"Column of the file for {string.Join(", ", AssetFile.Keys)}, such as gpu=UUID; repeatable",
            HelpName = "KEY=NAME",
            DefaultValueFactory = _ => [],
        };
        var skipBad = BadLines.Skip();
        var json = CommonOptions.Json();
        var command = new Command("assets", "Reads a CSV file of the inventory into gpu_assets; empty fields change nothing")
        {
            path,
            columns,
            skipBad,
            json,
        };
        command.SetAction(
            async (parse, stop) =>
            {
                var settings = CommonOptions.Load(parse, terminal);
                var name = parse.GetRequiredValue(path);
                var file = Read(name, parse.GetValue(columns) ?? []);
                if (file.Ignored.Count > 0)
                {
                    terminal.Notice($"[yellow]{name.EscapeMarkup()}:[/] ignored columns: {string.Join(", ", file.Ignored).EscapeMarkup()}");
                }

                BadLines.Report(
                    terminal,
                    name,
                    [.. file.Errors.Select(e => e.ToString())],
                    parse.GetValue(skipBad),
                    "nothing was imported"
                );
                ImportCount count;
                var store = await AssetDatabase.OpenAsync(settings.Storage, stop).ConfigureAwait(false);
                await using (store.ConfigureAwait(false))
                {
                    count = await store.WriteAssetsAsync(file.Assets, stop).ConfigureAwait(false);
                }

                if (parse.GetValue(json))
                {
                    JsonOutput.Write(
                        terminal,
                        new
                        {
                            Lines = file.Assets.Count,
                            Skipped = file.Errors.Count,
                            Assets = count,
                        }
                    );
                    return ExitCode.Success;
                }

                ImportReport.Line(terminal, "gpu_assets", count);
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static AssetFile Read(string path, string[] columns)
    {
        try
        {
            using var reader = new StreamReader(path);
            return AssetFile.Read(reader, columns);
        }
        catch (FormatException e)
        {
            throw new ConfigurationException(e.Message);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }
}
