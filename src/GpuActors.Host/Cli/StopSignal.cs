using System.Runtime.InteropServices;

namespace GpuActors.Host.Cli;

/// <summary>Ctrl-C and SIGTERM: the first asks a command to finish its work and end, a second ends the process at once.</summary>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly Terminal _terminal;

    public StopSignal(Terminal terminal)
    {
        _terminal = terminal;
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT])
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, Handle));
        }
    }

    /// <summary>
    /// Exit code of a command that the signal has interrupted, by the shell's convention: 128 and the number of the signal.
    /// </summary>
    public int InterruptedCode { get; private set; } = ExitCode.Interrupted;

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _stop.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        InterruptedCode = context.Signal switch
        {
            PosixSignal.SIGTERM => ExitCode.Terminated,
            PosixSignal.SIGQUIT => ExitCode.Quit,
            _ => ExitCode.Interrupted,
        };
        if (_stop.IsCancellationRequested)
        {
            Environment.Exit(InterruptedCode);
        }

        _terminal.Notice("[grey]Stopping: finishing what is under way (again to abort)[/]");
        // Not on the signal's own thread: what is registered on the token may take its time, and the second signal must get through.
        _ = Task.Run(_stop.Cancel);
    }
}
