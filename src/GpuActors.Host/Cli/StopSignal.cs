using System.Runtime.InteropServices;

namespace GpuActors.Host.Cli;

/// <summary>Ctrl-C and SIGTERM: the first asks a command to finish its work and end, a second ends the process at once.</summary>
internal sealed class StopSignal : IDisposable
{
    // The shell's convention: 128 + SIGINT.
    private const int Aborted = 130;

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
        if (_stop.IsCancellationRequested)
        {
            Environment.Exit(Aborted);
        }

        _terminal.Notice("[grey]Stopping: finishing what is under way (again to abort)[/]");
        // Not on the signal's own thread: what is registered on the token may take its time, and the second signal must get through.
        _ = Task.Run(_stop.Cancel);
    }
}
