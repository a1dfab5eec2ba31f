using System.CommandLine;
using GpuActors.Host.Cli;
using GpuActors.Host.Configuration;
using GpuActors.Simulation;
using GpuActors.Simulation.Http;

namespace GpuActors.Host.Simulating;

/// <summary><c>gpuactors simulate</c>: serves dcgm-exporter pages of a fleet that is not there, until stopped.</summary>
internal static class SimulateCommand
{
    public static Command Create(Terminal terminal)
    {
        var gpus = new Option<int?>("--gpus") { Description = "Number of GPUs, eight a host (default: simulation.gpus)", HelpName = "N" };
        var port = new Option<int?>("--port")
        {
            Description = "Port to listen on, 0 for a free one (default: simulation.port)",
            HelpName = "PORT",
        };
        var seed = new Option<int?>("--seed")
        {
            Description = "Seed of everything random: the same seed repeats the same fleet (default: simulation.seed)",
            HelpName = "SEED",
        };
        var scenario = new Option<string?>("--scenario")
        {
            Description = "File with faults by time; 'demo' names the built-in one (default: simulation.scenario)",
            HelpName = "FILE",
        };
        var kernelLog = new Option<string?>("--kernel-log")
        {
            Description = "File that gets what the hosts' kernels would log of XIDs and vanished GPUs (default: simulation.kernel-log)",
            HelpName = "FILE",
        };
        var command = new Command("simulate", "Serves dcgm-exporter pages of a simulated fleet; faults are injected with POST /faults")
        {
            gpus,
            port,
            seed,
            scenario,
            kernelLog,
        };
        command.SetAction(
            (parse, stop) =>
            {
                var settings = CommonOptions.Load(
                    parse,
                    terminal,
                    CommonOptions.Assignments(
                        ("simulation.gpus", CommonOptions.Text(parse.GetValue(gpus))),
                        ("simulation.port", CommonOptions.Text(parse.GetValue(port))),
                        ("simulation.seed", CommonOptions.Text(parse.GetValue(seed))),
                        ("simulation.scenario", parse.GetValue(scenario)),
                        ("simulation.kernel-log", parse.GetValue(kernelLog))
                    )
                );
                return RunAsync(terminal, settings.Simulation, stop);
            }
        );
        return command;
    }

    private static async Task<int> RunAsync(Terminal terminal, SimulationSettings settings, CancellationToken stop)
    {
        var server = await StartAsync(settings, stop).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            terminal.Line(
                $"ready: {settings.Gpus} GPUs at {new Uri(server.BaseAddress, "/metrics")}, {server.Targets.Count} hosts listed at /targets"
            );
            var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var registration = stop.Register(() => stopped.TrySetResult());
            await stopped.Task.ConfigureAwait(false);
            await server.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }

        return ExitCode.Success;
    }

    /// <summary>Starts the server; what is wrong with a scenario or a port is said in terms of keys.</summary>
    /// <exception cref="ConfigurationException">The scenario or the port cannot be used.</exception>
    internal static async Task<SimulationServer> StartAsync(SimulationSettings settings, CancellationToken stop)
    {
        try
        {
            return await SimulationServer.StartAsync(settings, TimeProvider.System, stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidDataException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ConfigurationException($"gpu-actors.simulation.scenario = {settings.Scenario}: {e.Message}");
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ConfigurationException(
                $"gpu-actors.simulation.kernel-log = {settings.KernelLog}: {e.Message} Give a file that may be written"
            );
        }
        catch (IOException e)
        {
            throw new ConfigurationException(
                $"gpu-actors.simulation.port = {settings.Port}: cannot listen there: {e.Message}. Give another port, or 0 for a free one"
            );
        }
    }
}
