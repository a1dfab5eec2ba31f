using System.CommandLine;
using GpuActors.Host.Collecting;
using GpuActors.Host.Doctor;

namespace GpuActors.Host.Cli;

/// <summary>The commands that exist.</summary>
internal static class Commands
{
    public static IEnumerable<Command> All(Terminal terminal) =>
    [
        CollectCommand.Create(terminal),
        MigrateCommand.Create(terminal),
        DoctorCommand.Create(terminal),
    ];
}
