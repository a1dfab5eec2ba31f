using System.CommandLine;
using GpuActors.Host.Cli;
using GpuActors.Host.Configuration;

namespace GpuActors.Host.Training;

/// <summary><c>gpuactors train</c>: trains models of failure.</summary>
internal static class TrainCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("train", "Trains a model of failures within 7, 30 and 90 days")
        {
            TrainSimulationCommand.Create(terminal),
            TrainHistoryCommand.Create(terminal),
        };
        command.SetAction(
            int (parse) =>
            {
                CommonOptions.Load(parse, terminal);
                throw new ConfigurationException("name what to train from: gpuactors train simulation, or gpuactors train history FILE");
            }
        );
        return command;
    }
}
