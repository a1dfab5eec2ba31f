using System.Globalization;
using Xunit;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>
/// One node of the cluster. It can be restarted: all of its processes have the same address and port, and each has a log file of its own.
/// </summary>
internal sealed class ClusterNode(string name, string host, int port, DirectoryInfo logs) : IAsyncDisposable
{
    private readonly List<RunningProgram> _lives = [];
    private readonly Dictionary<RunningProgram, long> _pausedMs = [];

    public string Name => name;

    /// <summary>Address of the node in the list of seeds: host:port.</summary>
    public string Address { get; } = string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");

    /// <summary>Command that runs the node, such as one that enters a network namespace; empty for none.</summary>
    public IReadOnlyList<string> Within { get; init; } = [];

    public RunningProgram Program => _lives[^1];

    public bool Runs => _lives.Count > 0 && !Program.HasExited;

    /// <summary>
    /// The log of each process, oldest first, and the time at which the process ended, in Unix milliseconds. For a process that was paused
    /// it is the time of the pause, because the process must not start any work after that.
    /// </summary>
    public IEnumerable<(string Log, long EndedMs)> Lives =>
        _lives.Select(
            (life, i) =>
                (
                    Log(i + 1),
                    _pausedMs.TryGetValue(life, out var ms) ? ms
                    : life.HasExited ? life.ExitedAt.ToUnixTimeMilliseconds()
                    : Clock.NowMs
                )
        );

    public void Start(IReadOnlyList<string> settings)
    {
        string[] own = ["--set", $"node.host={host}", "--set", string.Create(CultureInfo.InvariantCulture, $"node.port={port}")];
        _lives.Add(RunningProgram.GpuActors(Within, Log(_lives.Count + 1), ["node", .. settings, .. own]));
    }

    public Task AwaitReady() => Program.Line(l => l.StartsWith("ready", StringComparison.Ordinal));

    public async Task Kill()
    {
        Program.Kill();
        await Program.Exited();
    }

    /// <summary>Suspends the process, like a suspended virtual machine, until <see cref="Wake"/>.</summary>
    public async Task Pause()
    {
        await Program.Pause();
        _pausedMs[Program] = Clock.NowMs;
    }

    /// <summary>Resumes a paused node.</summary>
    public Task Wake() => Program.Resume();

    /// <summary>Stops the node as Ctrl-C does. Its exit code must be 0.</summary>
    public async Task Stop()
    {
        await Program.Interrupt();
        var code = await Program.Exited();
        Assert.True(code == 0, Program.Report($"{name} ended with {code} on Ctrl-C"));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var life in _lives)
        {
            await life.DisposeAsync();
        }
    }

    private string Log(int life) => Path.Combine(logs.FullName, string.Create(CultureInfo.InvariantCulture, $"{name}.{life}.log"));
}
