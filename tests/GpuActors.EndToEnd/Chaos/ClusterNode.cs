using System.Globalization;
using Xunit;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>One node of the cluster: the same place and port over all its lives, and a log file for each of them.</summary>
internal sealed class ClusterNode(string name, string host, int port, DirectoryInfo logs) : IAsyncDisposable
{
    private readonly List<RunningProgram> _lives = [];
    private readonly Dictionary<RunningProgram, long> _pausedMs = [];

    public string Name => name;

    /// <summary>How others name it among the seeds.</summary>
    public string Address { get; } = string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");

    /// <summary>A command that becomes the node, such as one that enters a network namespace.</summary>
    public IReadOnlyList<string> Within { get; init; } = [];

    public RunningProgram Program => _lives[^1];

    public bool Runs => _lives.Count > 0 && !Program.HasExited;

    /// <summary>
    /// The log of each life, oldest first, and when it ended, Unix milliseconds; of a life that was paused, when that was: what it begins
    /// later is its own fault.
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

    /// <summary>What a suspended virtual machine does, until <see cref="Wake"/>.</summary>
    public async Task Pause()
    {
        await Program.Pause();
        _pausedMs[Program] = Clock.NowMs;
    }

    /// <summary>Lets a paused node go on.</summary>
    public Task Wake() => Program.Resume();

    /// <summary>What Ctrl-C does; the node must end well.</summary>
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
