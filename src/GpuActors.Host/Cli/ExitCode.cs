namespace GpuActors.Host.Cli;

/// <summary>What the process says to its caller.</summary>
internal static class ExitCode
{
    /// <summary>Everything that was asked for was done.</summary>
    public const int Success = 0;

    /// <summary>Something went wrong while working.</summary>
    public const int Failure = 1;

    /// <summary>The command line or the configuration cannot be used; nothing was started.</summary>
    public const int Usage = 2;

    /// <summary>SIGINT (Ctrl-C) has interrupted a command before it had done its work.</summary>
    public const int Interrupted = 130;

    /// <summary>SIGQUIT has.</summary>
    public const int Quit = 131;

    /// <summary>SIGTERM has.</summary>
    public const int Terminated = 143;
}
