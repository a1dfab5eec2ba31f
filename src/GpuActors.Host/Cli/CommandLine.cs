using System.CommandLine;
using System.CommandLine.Invocation;
using GpuActors.Host.Configuration;
using Spectre.Console;

namespace GpuActors.Host.Cli;

/// <summary>The executable's commands, and how an outcome becomes an exit code.</summary>
internal static class CommandLine
{
    /// <summary>Runs one command line.</summary>
    /// <param name="args">Arguments.</param>
    /// <param name="terminal">Where it writes.</param>
    /// <param name="stop">Asks a running command to finish and end; that is success.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken stop)
    {
        var parse = Root(terminal).Parse(args);
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
                // StopSignal handles the signals; this library's own handling would end the process after two seconds.
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
            return ExitCode.Success;
        }
        catch (Exception e)
        {
            // The boundary of the process: whatever went wrong is told in one line; the whole of it where asked for.
            terminal.Notice($"[red]error:[/] {Describe(e).EscapeMarkup()}");
            if (terminal.Environment["GPUACTORS_TRACE"] is string { Length: > 0 })
            {
                terminal.Notice(e.ToString().EscapeMarkup());
            }

            return ExitCode.Failure;
        }
    }

    private static RootCommand Root(Terminal terminal)
    {
        var root = new RootCommand("GpuActors watches a fleet of GPUs: an alert within a second of the sample, every sample kept.")
        {
            CommonOptions.Config,
            CommonOptions.Set,
        };
        foreach (var command in Commands.All(terminal))
        {
            root.Add(command);
        }

        return root;
    }

    private static string Describe(Exception e) =>
        e is AggregateException { InnerExceptions: [var one] } ? Describe(one)
        : e.InnerException is { } inner && !e.Message.Contains(inner.Message, StringComparison.Ordinal) ? $"{e.Message} ({inner.Message})"
        : e.Message;
}
