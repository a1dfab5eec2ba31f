using System.CommandLine;
using GpuActors.Host.Cli;
using GpuActors.Host.Configuration;

namespace GpuActors.Host.Importing;

/// <summary><c>gpuactors import</c>: reads what people keep about their GPUs into the database.</summary>
internal static class ImportCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("import", "Reads an inventory, or a life and repair log, into the database; safe to repeat")
        {
            ImportAssetsCommand.Create(terminal),
            ImportHistoryCommand.Create(terminal),
        };
        command.SetAction(
            int (parse) =>
            {
                CommonOptions.Load(parse, terminal);
                throw new ConfigurationException("name what to import: gpuactors import assets FILE, or gpuactors import history FILE");
            }
        );
        return command;
    }
}
