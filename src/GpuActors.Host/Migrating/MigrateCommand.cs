using System.CommandLine;
using GpuActors.Core.Storage;
using GpuActors.Host.Cli;
using GpuActors.Host.Configuration;
using GpuActors.Storage;
using Spectre.Console;

namespace GpuActors.Host.Migrating;

/// <summary><c>gpuactors migrate</c>: creates or upgrades the schema of the database. Idempotent.</summary>
internal static class MigrateCommand
{
    public static Command Create(Terminal terminal)
    {
        var json = CommonOptions.Json();
        var schema = new Option<string?>("--schema")
        {
            Description = "PostgreSQL schema of the tables, created if it is missing (default: storage.schema)",
            HelpName = "NAME",
        };
        var command = new Command("migrate", "Creates or upgrades the database's schema; safe to repeat, and while nodes run")
        {
            schema,
            json,
        };
        command.SetAction(
            (parse, cancellationToken) =>
            {
                var options = CommonOptions.Assignments(("storage.schema", parse.GetValue(schema)));
                return RunAsync(terminal, CommonOptions.Load(parse, terminal, options), parse.GetValue(json), cancellationToken);
            }
        );
        return command;
    }

    private static async Task<int> RunAsync(Terminal terminal, HostSettings settings, bool json, CancellationToken cancellationToken)
    {
        MigrationResult result;
        var store = TelemetryStores.Create(settings.Storage);
        await using (store.ConfigureAwait(false))
        {
            result = await store.MigrateAsync(cancellationToken).ConfigureAwait(false);
        }

        if (json)
        {
            JsonOutput.Write(terminal, result);
            return ExitCode.Success;
        }

        foreach (var name in result.Applied)
        {
            terminal.Line($"[green]applied[/]  {name.EscapeMarkup()}");
        }

        foreach (var note in result.Notes)
        {
            terminal.Line($"[yellow]note[/]     {note.EscapeMarkup()}");
        }

        terminal.Line(
            result.Applied.Count == 0
                ? $"The schema is up to date (version {result.SchemaVersion})."
                : $"The schema is now at version {result.SchemaVersion}."
        );
        return ExitCode.Success;
    }
}
