using System.CommandLine;
using GpuActors.Host.Cli;
using GpuActors.Host.Collecting;
using GpuActors.Host.Demo;
using GpuActors.Host.Doctor;
using GpuActors.Host.Importing;
using GpuActors.Host.Migrating;
using GpuActors.Host.Models;
using GpuActors.Host.Node;
using GpuActors.Host.Operating;
using GpuActors.Host.Simulating;
using GpuActors.Host.Training;

namespace GpuActors.Host;

/// <summary>The executable <c>gpuactors</c>.</summary>
internal static class Program
{
    /// <summary>Runs one command line.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> Main(string[] args)
    {
        var terminal = Terminal.OfProcess();
        using var signal = new StopSignal(terminal);
        return await CommandLine
            .RunAsync(Commands(terminal), args, terminal, signal.Token, () => signal.InterruptedCode)
            .ConfigureAwait(false);
    }

    /// <summary>All commands under their root.</summary>
    /// <param name="terminal">Where the commands write.</param>
    public static RootCommand Commands(Terminal terminal) =>
        new("GpuActors watches a fleet of GPUs: it raises an alert within a second of the sample and stores every sample.")
        {
            CommonOptions.Config,
            CommonOptions.Set,
            DemoCommand.Create(terminal),
            NodeCommand.Create(terminal),
            CollectCommand.Create(terminal),
            SimulateCommand.Create(terminal),
            MigrateCommand.Create(terminal),
            DoctorCommand.Create(terminal),
            ImportCommand.Create(terminal),
            AlertsCommand.Create(terminal),
            IncidentsCommand.Create(terminal),
            SilencesCommand.Create(terminal),
            MaintenanceCommand.Create(terminal),
            RetireCommand.Create(terminal),
            TrainCommand.Create(terminal),
            ModelCommand.Create(terminal),
        };
}
