using System.CommandLine;
using System.CommandLine.Invocation;
using GpuActors.Host.Configuration;
using Spectre.Console;

namespace GpuActors.Host.Cli;

/// <summary>Parses and runs a command line, and maps the outcome to an exit code.</summary>
internal static class CommandLine
{
    private static readonly string[] RunUntilStopped = ["node", "collect", "simulate", "demo"];

    /// <summary>Runs one command line.</summary>
    /// <param name="root">The commands.</param>
    /// <param name="args">Arguments.</param>
    /// <param name="terminal">Where errors are written.</param>
    /// <param name="stop">Asks a running command to finish its work and return.</param>
    /// <param name="interrupted">Exit code of a command that was stopped before it had done its work. A command that runs until it is
    /// stopped has then done it: its exit code is 0.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(
        RootCommand root,
        string[] args,
        Terminal terminal,
        CancellationToken stop,
        Func<int>? interrupted = null
    )
    {
        var parse = root.Parse(args);
        if (parse.Errors.Count > 0 && parse.Action is ParseErrorAction)
        {
            foreach (var error in parse.Errors)
            {
                terminal.Notice($"[red]error:[/] {error.Message.EscapeMarkup()}");
            }

            var command = parse.CommandResult.Command is RootCommand ? "" : parse.CommandResult.Command.Name + " ";
            terminal.Notice($"See gpuactors {command}--help");
            return ExitCode.Usage;
        }

        try
        {
            var invocation = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                Error = terminal.Error,
                Output = terminal.Out,
                // StopSignal handles the signals. The library's own handler ends the process after two seconds.
                ProcessTerminationTimeout = null,
            };
            return await parse.InvokeAsync(invocation, stop).ConfigureAwait(false);
        }
        catch (ConfigurationException e)
        {
            foreach (var problem in e.Problems)
            {
                terminal.Notice($"[red]configuration:[/] {problem.EscapeMarkup()}");
            }

            return ExitCode.Usage;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return RunUntilStopped.Contains(parse.CommandResult.Command.Name)
                ? ExitCode.Success
                : interrupted?.Invoke() ?? ExitCode.Interrupted;
        }
        catch (Exception e)
        {
            // The last handler of the process: one line, and the stack trace where GPUACTORS_TRACE is set.
            terminal.Notice($"[red]error:[/] {Describe(e).EscapeMarkup()}");
            if (terminal.Environment["GPUACTORS_TRACE"] is string { Length: > 0 })
            {
                terminal.Notice(e.ToString().EscapeMarkup());
            }

            return ExitCode.Failure;
        }
    }

    private static string Describe(Exception e) =>
        e is AggregateException { InnerExceptions: [var one] } ? Describe(one)
        : e.InnerException is { } inner && !e.Message.Contains(inner.Message, StringComparison.Ordinal) ? $"{e.Message} ({inner.Message})"
        : e.Message;
}
