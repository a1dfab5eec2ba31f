using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.EndToEnd;

/// <summary>A process started by a test. Its output is kept for error texts, and the process is ended with the test in any case.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly List<(Func<string, bool> Matches, TaskCompletionSource<string> Seen)> _awaited = [];
    private readonly StreamWriter? _log;

    private RunningProgram(string file, IEnumerable<string> arguments, string? log = null)
    {
        _log = log is null ? null : new StreamWriter(log) { AutoFlush = true };
        var start = new ProcessStartInfo(file)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        Name = Path.GetFileName(file) + " " + string.Join(' ', start.ArgumentList);
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Keep(_output, e.Data);
        _process.ErrorDataReceived += (_, e) => Keep(_errors, e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Name { get; }

    public bool HasExited => _process.HasExited;

    public int ProcessId => _process.Id;

    /// <summary>Time at which the process exited. Valid only after it has exited.</summary>
    public DateTimeOffset ExitedAt => _process.ExitTime.ToUniversalTime();

    public int ExitCode => _process.ExitCode;

    /// <summary>The last non-empty line on standard error, for short error texts.</summary>
    public string LastError => _errors.LastOrDefault(l => l.Length > 0) ?? "";

    public string Output => string.Join('\n', _output);

    public string Errors => string.Join('\n', _errors);

    /// <summary>Starts the built <c>gpuactors</c>.</summary>
    public static RunningProgram GpuActors(params string[] arguments) => GpuActors([], null, arguments);

    /// <summary>Starts the built <c>gpuactors</c>.</summary>
    /// <param name="within">Prefix command that runs the program (<c>ip netns exec …</c>); empty for none.</param>
    /// <param name="log">File to which all output lines are also written; null for none.</param>
    /// <param name="arguments">Arguments of the program.</param>
    public static RunningProgram GpuActors(IReadOnlyList<string> within, string? log, params string[] arguments)
    {
        // A test run in the background of a shell ignores SIGINT, and its child processes inherit that.
        string[] command = OperatingSystem.IsLinux()
            ? [.. within, "env", "--default-signal=INT", "dotnet", Executable, .. arguments]
            : [.. within, "dotnet", Executable, .. arguments];
        return new(command[0], command[1..], log);
    }

    /// <summary>Starts another program.</summary>
    public static RunningProgram Start(string file, params string[] arguments) => new(file, arguments);

    /// <summary>Runs a program to its end and returns its standard output.</summary>
    public static async Task<string> Run(string file, params string[] arguments)
    {
        await using var program = new RunningProgram(file, arguments);
        var code = await program.Exited();
        Assert.True(code == 0, program.Report($"ended with {code}"));
        return program.Output;
    }

    /// <summary>Waits for a line on either output stream, including lines that were already printed.</summary>
    public async Task<string> Line(Func<string, bool> matches)
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_awaited)
        {
            if (_output.Concat(_errors).FirstOrDefault(matches) is { } already)
            {
                return already;
            }

            _awaited.Add((matches, seen));
        }

        var first = await Task.WhenAny(seen.Task, _process.WaitForExitAsync(), Task.Delay(Eventually.Limit));
        Assert.True(
            first == seen.Task || seen.Task.IsCompleted,
            Report(
                _process.HasExited
                    ? $"ended with {_process.ExitCode} before the awaited line"
                    : $"did not print the awaited line in {Eventually.Limit}"
            )
        );
        return await seen.Task;
    }

    /// <summary>Waits until the process has exited and returns its exit code.</summary>
    public async Task<int> Exited()
    {
        var ended = _process.WaitForExitAsync();
        Assert.True(await Task.WhenAny(ended, Task.Delay(Eventually.Limit)) == ended, Report($"did not end in {Eventually.Limit}"));
        return _process.ExitCode;
    }

    /// <summary>Sends the process the signal of Ctrl-C.</summary>
    public Task Interrupt() => Signal("INT");

    /// <summary>Suspends the process (Unix only) until <see cref="Resume"/>.</summary>
    public Task Pause() => Signal("STOP");

    /// <summary>Resumes a suspended process.</summary>
    public Task Resume() => Signal("CONT");

    /// <summary>Kills the process.</summary>
    public void Kill() => _process.Kill(entireProcessTree: true);

    public string Report(string what) => $"{Name}: {what}\n--- standard output\n{Tail(_output)}\n--- standard error\n{Tail(_errors)}";

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        if (_log is not null)
        {
            await _log.DisposeAsync();
        }
    }

    private static string Executable { get; } =
        Path.GetFullPath(
            typeof(RunningProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Executable").Value!
        );

    /// <summary>Sends the process a signal by its name.</summary>
    public Task<string> Signal(string name) =>
        Run("kill", $"-{name}", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static string Tail(IEnumerable<string> lines) => string.Join('\n', lines.TakeLast(60));

    private void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_awaited)
        {
            lines.Enqueue(line);
            _log?.WriteLine(line);
            foreach (var (matches, seen) in _awaited)
            {
                if (matches(line))
                {
                    seen.TrySetResult(line);
                }
            }
        }
    }
}
