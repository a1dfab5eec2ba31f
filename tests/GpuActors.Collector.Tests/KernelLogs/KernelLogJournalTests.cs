using System.Collections.Concurrent;
using GpuActors.Collector.Common;
using GpuActors.Collector.KernelLogs;

namespace GpuActors.Collector.Tests.KernelLogs;

/// <summary>Reading of the journal, with a script in place of journalctl.</summary>
public sealed class KernelLogJournalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gpuactors-journal-").FullName;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly RecordingLogger _log = new();
    private readonly ConcurrentQueue<LogCursor> _cursors = new();
    private CancellationTokenSource _stop = new(Eventually.Limit);

    [SkippableFact]
    public async Task Lines_are_read_and_the_child_process_ends_with_the_collector()
    {
        var pid = Path.Combine(_folder, "pid");
        var journal = Journal($"echo $$ > {pid}; echo \"$@\"; echo one; exec sleep 1000");

        await Run(journal, () => _lines.Contains("one"));

        Assert.Contains("-f -o json", _lines.First(), StringComparison.Ordinal);
        Assert.Contains("_TRANSPORT=kernel", _lines.First(), StringComparison.Ordinal);
        Assert.Contains("-n 0", _lines.First(), StringComparison.Ordinal);
        Assert.Empty(_log.Messages);
        var child = int.Parse(await File.ReadAllTextAsync(pid), System.Globalization.CultureInfo.InvariantCulture);
        await Eventually.Until(() => !Directory.Exists($"/proc/{child}"));
    }

    [SkippableFact]
    public async Task A_child_process_that_ends_is_reported_with_its_last_output_and_restarted_at_its_position()
    {
        var journal = Journal("echo \"$@\"; echo 'no journal here' >&2; exit 3");

        await Run(journal, () => _lines.Count >= 3);

        Assert.Contains("3 (no journal here)", _log.Messages.First(), StringComparison.Ordinal);
        Assert.Contains("--since @", _lines.ElementAt(1), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task It_continues_after_the_last_entry_when_it_is_restarted_and_in_the_next_process()
    {
        const string Entry = """{"__CURSOR":"s=1;i=2a","__REALTIME_TIMESTAMP":"1795514401123456","MESSAGE":"one"}""";
        var journal = Journal($"echo \"$@\"; echo '{Entry}'");
        await Run(journal, () => _lines.Count >= 3);
        Assert.Contains("-n all --after-cursor=s=1;i=2a", _lines.ElementAt(2), StringComparison.Ordinal);
        var last = _cursors.Last();
        Assert.Equal(("s=1;i=2a", 1_795_514_401_123), (last.Journal, last.JournalTimeMs));

        _lines.Clear();
        _stop = new CancellationTokenSource(Eventually.Limit);
        await Run(journal, () => !_lines.IsEmpty, resume: last);
        Assert.Contains("-n all --after-cursor=s=1;i=2a", _lines.First(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task If_the_journal_does_not_know_the_entry_its_time_is_used()
    {
        var journal = Journal("echo \"$@\"; echo 'Failed to seek to cursor: Invalid argument' >&2; exit 1");

        await Run(journal, () => _lines.Count >= 2, resume: new LogCursor { Journal = "s=1", JournalTimeMs = 1_795_514_401_123 });

        Assert.Contains("--after-cursor=s=1", _lines.First(), StringComparison.Ordinal);
        Assert.Contains("-n all --since @1795514401", _lines.ElementAt(1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_journalctl_the_remedy_is_reported()
    {
        await Run(Path.Combine(_folder, "missing"), () => !_log.Messages.IsEmpty);

        Assert.Contains("--kernel-log /var/log/kern.log", _log.Messages.First(), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string Journal(string script)
    {
        Skip.If(OperatingSystem.IsWindows(), "a shell script stands for journalctl, and Windows runs none");
        var path = Path.Combine(_folder, "journalctl");
        File.WriteAllText(path, "#!/bin/sh\n" + script + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }

    private async Task Run(string program, Func<bool> enough, LogCursor? resume = null)
    {
        var journal = new KernelLogJournal(program, TimeProvider.System, _log, TimeSpan.FromMilliseconds(10))
        {
            From = KernelLogStart.End,
            Resume = resume,
        };
        var running = journal.RunAsync(
            (line, cursor) =>
            {
                _lines.Enqueue(line);
                _cursors.Enqueue(cursor);
                return ValueTask.CompletedTask;
            },
            _stop.Token
        );
        await Eventually.Until(enough);
        await _stop.CancelAsync();
        await running.Completes();
    }
}
