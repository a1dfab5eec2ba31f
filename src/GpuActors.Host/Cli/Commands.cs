using System.CommandLine;
using GpuActors.Host.Collecting;
using GpuActors.Host.Demo;
using GpuActors.Host.Doctor;
using GpuActors.Host.Node;
using GpuActors.Host.Operating;
using GpuActors.Host.Simulating;

namespace GpuActors.Host.Cli;

/// <summary>The commands that exist.</summary>
internal static class Commands
{
    public static IEnumerable<Command> All(Terminal terminal) =>
        [
            DemoCommand.Create(terminal),
            NodeCommand.Create(terminal),
            CollectCommand.Create(terminal),
            SimulateCommand.Create(terminal),
            MigrateCommand.Create(terminal),
            DoctorCommand.Create(terminal),
            AlertsCommand.Create(terminal),
            IncidentsCommand.Create(terminal),
            SilencesCommand.Create(terminal),
            MaintenanceCommand.Create(terminal),
        ];
}
