using System.Net;
using System.Net.Sockets;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.EndToEnd;

/// <summary>What a command says to its caller when a signal ends it.</summary>
public sealed class SignalSpec
{
    [SkippableTheory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task A_command_that_is_interrupted_has_not_done_its_work(string signal, int code)
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no signals");
        // Takes the connection and never answers.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var doctor = RunningProgram.GpuActors(
            "doctor",
            "--timeout",
            "10m",
            "--set",
            "node.roles=api",
            "--target",
            $"http://{silent.LocalEndpoint}/metrics"
        );
        using var asked = await silent.AcceptTcpClientAsync().WaitAsync(Eventually.Limit);

        await doctor.Signal(signal);

        Assert.Equal(code, await doctor.Exited());
    }

    [SkippableTheory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_command_that_runs_until_it_is_stopped_has_done_its_work(string signal)
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no signals");
        await using var simulator = RunningProgram.GpuActors("simulate", "--gpus", "1", "--port", "0");
        await simulator.Line(line => line.Contains("http://", StringComparison.Ordinal));

        await simulator.Signal(signal);

        Assert.Equal(0, await simulator.Exited());
    }
}
