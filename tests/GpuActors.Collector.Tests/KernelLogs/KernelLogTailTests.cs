using GpuActors.Collector.Common;
using GpuActors.Collector.KernelLogs;

namespace GpuActors.Collector.Tests.KernelLogs;

/// <summary>Following of real files, written and rotated as by daemons and logrotate.</summary>
public sealed class KernelLogTailTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gpuactors-tail-").FullName;
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly RecordingLogger _log = new();
    private KernelLogTail _tail;

    public KernelLogTailTests() => _tail = Tail(KernelLogStart.End);

    private string Log => Path.Combine(_folder, "kern.log");

    private string Rotated => Path.Combine(_folder, "kern.log.1");

    [Fact]
    public void Starts_at_the_end_and_returns_each_line_once()
    {
        Append("old\n");
        Assert.Empty(Read());

        Append("one\ntwo\n");

        Assert.Equal(["one", "two"], Read());
        Assert.Empty(Read());
        Append("three\n");
        Assert.Equal(["three"], Read());
    }

    [Fact]
    public void Starts_at_the_start_if_configured()
    {
        Append("old\n");
        Restart(KernelLogStart.Start);

        Assert.Equal(["old"], Read());
    }

    [Fact]
    public void A_file_that_does_not_exist_yet_is_reported_once_and_read_from_its_start()
    {
        Assert.Empty(Read());
        Assert.Empty(Read());
        Assert.Contains("kern.log", Assert.Single(_log.Messages), StringComparison.Ordinal);

        Append("first\n");

        Assert.Equal(["first"], Read());
        Assert.Equal(2, _log.Messages.Count);
    }

    [Fact]
    public void A_last_line_without_line_end_is_returned_after_a_second_of_quiet_and_at_the_end()
    {
        Append("");
        Read();
        Append("one");
        Assert.Empty(Read());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["one"], Read());

        Append("\ntwo\nthree");
        Assert.Equal(["two"], Read());
        var last = new List<string>();
        _tail.End(last);
        Assert.Equal(["three"], last);
    }

    [Fact]
    public void An_incomplete_line_is_returned_when_it_is_complete()
    {
        Append("");
        Read();
        Append("NVRM: Xid (PCI:0000:b3");
        Assert.Empty(Read());

        Append(":00): 79, x\n");

        Assert.Equal(["NVRM: Xid (PCI:0000:b3:00): 79, x"], Read());
    }

    [Fact]
    public void Rotation_by_renaming_and_creating_loses_and_repeats_no_line()
    {
        Append("old\n");
        Read();
        Append("one\n");
        File.Move(Log, Rotated);
        Append("two\n");

        Assert.Equal(["one", "two"], Read());
        Append("three\n");
        Assert.Equal(["three"], Read());
    }

    [Fact]
    public void Lines_that_a_daemon_still_writes_to_the_renamed_file_are_read()
    {
        Append("old\n");
        Read();
        File.Move(Log, Rotated);
        Append("");
        Assert.Empty(Read());

        File.AppendAllText(Rotated, "late\n");
        Append("new\n");

        Assert.Equal(["late", "new"], Read());
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Empty(Read());
        Append("newer\n");
        Assert.Equal(["newer"], Read());
    }

    [Fact]
    public void Between_renaming_and_creating_the_old_file_is_followed()
    {
        Append("old\n");
        Read();
        File.Move(Log, Rotated);
        File.AppendAllText(Rotated, "one\n");
        Assert.Equal(["one"], Read());

        Append("two\n");

        Assert.Equal(["two"], Read());
    }

    [Fact]
    public void A_file_that_is_deleted_and_created_again_is_read_from_its_start()
    {
        Append("a rather long old line\n");
        Read();
        File.Delete(Log);
        Assert.Empty(Read());

        Append("a rather long new line that makes the new file longer than the old one\n");

        Assert.Single(Read());
    }

    [Fact]
    public void A_new_file_with_the_same_start_is_recognized_as_new()
    {
        Append("same\n");
        Read();
        File.Move(Log, Rotated);

        Append("same\nmore\n");

        Assert.Equal(["same", "more"], Read());
    }

    [Fact]
    public void After_rotation_by_copytruncate_the_file_is_read_from_its_start()
    {
        Append("old\n");
        Read();
        Append("one\npartial");
        Assert.Equal(["one"], Read());
        File.Copy(Log, Rotated);
        Truncate();
        Append("two\n");

        Assert.Equal(["two"], Read());
        Append("three\n");
        Assert.Equal(["three"], Read());
    }

    [Fact]
    public void A_truncated_file_that_has_grown_past_the_old_position_between_two_reads_is_detected()
    {
        Append("Nov 24 10:00:00 first\n");
        Read();
        Truncate();

        Append("Nov 24 10:00:01 second\nNov 24 10:00:02 third\n");

        Assert.Equal(["Nov 24 10:00:01 second", "Nov 24 10:00:02 third"], Read());
    }

    [Fact]
    public void A_file_that_is_truncated_twice_is_read_each_time()
    {
        Append("aaaa\n");
        Read();
        foreach (var text in new[] { "b", "cc", "d" })
        {
            Truncate();
            Assert.Empty(Read());
            Append(text + "\n");
            Assert.Equal([text], Read());
        }
    }

    [Fact]
    public void A_log_larger_than_the_buffer_is_read_completely_and_in_order()
    {
        var lines = Enumerable.Range(0, 20_000).Select(i => $"line {i}").ToList();
        Append(string.Join('\n', lines) + "\n");
        Restart(KernelLogStart.Start);

        Assert.Equal(lines, Read());
    }

    [Fact]
    public void After_a_restart_it_continues_at_the_end_of_the_last_complete_line()
    {
        Append("old\n");
        Read();
        Append("one\npart");
        Assert.Equal(["one"], Read());
        var cursor = Stop();
        Append("ial\ntwo\n");

        _tail = Tail(KernelLogStart.End, cursor);

        Assert.Equal(["partial", "two"], Read());
        Assert.False(_tail.IsBacklog);
        Assert.Empty(_log.Messages);
    }

    [Fact]
    public void A_position_is_kept_also_without_new_lines_and_for_a_file_that_does_not_exist_yet()
    {
        Read();
        var cursor = Stop();
        Append("first\n");
        _tail = Tail(KernelLogStart.End, cursor);
        Assert.Equal(["first"], Read());

        cursor = Stop();
        _tail = Tail(KernelLogStart.End, cursor);
        Assert.Empty(Read());
        cursor = Stop();
        Append("second\n");
        _tail = Tail(KernelLogStart.End, cursor);
        Assert.Equal(["second"], Read());
    }

    [Theory]
    [InlineData(".1", ".2")]
    [InlineData("-20261124", "-20261123")]
    public void Files_that_were_rotated_while_the_collector_was_down_are_read_first(string newer, string older)
    {
        Append("old\n");
        Read();
        Append("one\n");
        Read();
        var cursor = Stop();
        Append("two\n");
        File.WriteAllText(Log + ".9", "another\n");
        File.SetLastWriteTimeUtc(Log + ".9", new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        File.WriteAllText(Log + ".3.gz", "compressed");
        File.Move(Log, Log + older);
        File.SetLastWriteTimeUtc(Log + older, new DateTime(2026, 11, 23, 0, 0, 0, DateTimeKind.Utc));
        File.WriteAllText(Log + newer, "three\n");
        File.SetLastWriteTimeUtc(Log + newer, new DateTime(2026, 11, 24, 0, 0, 0, DateTimeKind.Utc));
        Append("four\n");

        _tail = Tail(KernelLogStart.End, cursor);

        Assert.Equal(["two", "three", "four"], Read());
        cursor = Stop();
        Append("five\n");
        _tail = Tail(KernelLogStart.End, cursor);
        Assert.Equal(["five"], Read());
    }

    [Fact]
    public void A_file_that_was_copied_and_truncated_while_the_collector_was_down_is_read_from_the_copy()
    {
        Append("old\n");
        Read();
        var cursor = Stop();
        Append("one\n");
        File.Copy(Log, Rotated);
        Truncate();
        Append("two\n");

        _tail = Tail(KernelLogStart.End, cursor);

        Assert.Equal(["one", "two"], Read());
    }

    [Fact]
    public void Without_the_file_of_the_position_the_log_is_read_from_its_start_as_a_backlog()
    {
        Append("old\n");
        Read();
        var cursor = Stop();
        File.WriteAllText(Log, "another\n");

        _tail = Tail(KernelLogStart.End, cursor);
        var lines = new List<string>();
        _tail.Poll(lines);

        Assert.Equal(["another"], lines);
        Assert.True(_tail.IsBacklog);
        Assert.Contains("rotated", Assert.Single(_log.Messages), StringComparison.Ordinal);
        Append("new\n");
        _tail.Poll(lines);
        Assert.False(_tail.IsBacklog);
    }

    public void Dispose()
    {
        _tail.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private KernelLogTail Tail(KernelLogStart from, LogCursor? resume = null) => new(Log, from, resume, _time, _log);

    private void Restart(KernelLogStart from)
    {
        _tail.Dispose();
        _tail = Tail(from);
    }

    private LogCursor Stop()
    {
        var cursor = _tail.Cursor!;
        _tail.Dispose();
        return cursor;
    }

    private void Append(string text) => File.AppendAllText(Log, text);

    private void Truncate()
    {
        using var file = new FileStream(Log, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(0);
    }

    private List<string> Read()
    {
        var lines = new List<string>();
        while (_tail.Poll(lines))
        {
            // Read all available lines.
        }

        return lines;
    }
}
