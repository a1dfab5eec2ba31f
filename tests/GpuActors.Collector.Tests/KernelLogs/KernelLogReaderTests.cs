using GpuActors.Collector.KernelLogs;
using GpuActors.Core.Logs;

namespace GpuActors.Collector.Tests.KernelLogs;

public sealed class KernelLogReaderTests
{
    private const long StartMs = Given.NoonMs;
    private const string Xid79 = "NVRM: Xid (PCI:0000:b3:00): 79, pid=1, GPU has fallen off the bus.";
    private const string Fallen = "NVRM: GPU 0000:b3:00.0: GPU has fallen off the bus.";
    private readonly KernelLogReader _reader = new();

    [Fact]
    public void Three_lines_about_a_fallen_off_gpu_are_joined_to_one_report_of_the_gpu_in_the_first_line()
    {
        Assert.Null(Read("NVRM: The NVIDIA GPU 0000:b3:00.0"));
        Assert.Null(Read("NVRM: (PCI ID: 10de:2330) installed in this system has"));
        Assert.Null(Read("mlx5_core 0000:c1:00.0: something else"));

        var report = Read("NVRM: fallen off the bus and is not responding to commands.");

        Assert.Equal(
            (KernelLogPart.Whole, KernelLogKind.FallenOffBus, 79, "00000000:b3:00.0"),
            (report!.Value.Part, report.Value.Kind, report.Value.Code, report.Value.PciBusId)
        );
        Assert.Null(Read("NVRM: fallen off the bus and is not responding to commands."));
    }

    [Fact]
    public void A_gpu_named_many_lines_before_is_not_reported()
    {
        Read("NVRM: The NVIDIA GPU 0000:b3:00.0");
        for (var i = 0; i < 8; i++)
        {
            Read("NVRM: something else");
        }

        Assert.Null(Read("NVRM: fallen off the bus and is not responding to commands."));
    }

    [Fact]
    public void If_the_lines_of_two_gpus_are_mixed_neither_is_reported()
    {
        Read("NVRM: The NVIDIA GPU 0000:b3:00.0");
        Read("NVRM: The NVIDIA GPU 0000:c3:00.0");

        Assert.Null(Read("NVRM: fallen off the bus and is not responding to commands."));
    }

    [Fact]
    public void The_last_named_gpu_is_reported()
    {
        Read("NVRM: The NVIDIA GPU 0000:b3:00.0");
        Read("NVRM: (PCI ID: 10de:2330) installed in this system is not supported");
        Read("NVRM: The NVIDIA GPU 0000:c3:00.0");
        Read("NVRM: (PCI ID: 10de:2330) installed in this system has");

        Assert.Equal("00000000:c3:00.0", Read("NVRM: fallen off the bus and is not responding to commands.")!.Value.PciBusId);
    }

    [Fact]
    public void Fallen_off_the_bus_is_suppressed_within_five_minutes_of_an_xid_79_of_the_same_gpu()
    {
        Assert.NotNull(Read(Xid79));

        Assert.Null(Read(Fallen, 5 * Durations.MinuteMs));
        Assert.Equal(1, _reader.Suppressed);
        Assert.NotNull(Read("NVRM: GPU 0000:c3:00.0: GPU has fallen off the bus.", 1_000));
        Assert.NotNull(Read(Fallen, (5 * Durations.MinuteMs) + 1));
    }

    [Fact]
    public void An_xid_79_is_reported_even_after_a_line_without_an_xid()
    {
        Assert.NotNull(Read(Fallen));
        Assert.NotNull(Read(Xid79, 1));
    }

    [Fact]
    public void Another_xid_does_not_suppress_fallen_off_the_bus()
    {
        Assert.NotNull(Read("NVRM: Xid (PCI:0000:b3:00): 48, DBE"));
        Assert.NotNull(Read(Fallen));
    }

    [Fact]
    public void An_identical_message_is_reported_once_a_minute_and_a_different_one_each_time()
    {
        Assert.NotNull(Read("NVRM: Xid (PCI:0000:b3:00): 31, pid=1"));
        Assert.Null(Read("NVRM: Xid (PCI:0000:b3:00): 31, pid=1", 59_999));
        Assert.NotNull(Read("NVRM: Xid (PCI:0000:b3:00): 31, pid=2", 59_999));
        Assert.NotNull(Read("NVRM: Xid (PCI:0000:b3:00): 31, pid=1", Durations.MinuteMs));
    }

    [Fact]
    public void A_line_without_a_time_or_from_the_future_gets_the_time_of_reading()
    {
        Assert.Equal(StartMs, Read("[12.5] NVRM: Xid (PCI:0000:b3:00): 31, pid=1")!.Value.TimeMs);
        Assert.Equal(StartMs, Read("2026-11-23T13:00:00Z n1 kernel: NVRM: Xid (PCI:0000:b3:00): 31, pid=2")!.Value.TimeMs);
        Assert.Equal(StartMs - 1_000, Read("2026-11-23T11:59:59Z n1 kernel: NVRM: Xid (PCI:0000:b3:00): 31, pid=3")!.Value.TimeMs);
    }

    [Fact]
    public void All_messages_of_a_storm_of_different_messages_are_reported()
    {
        for (var pid = 0; pid < 10_000; pid++)
        {
            Assert.NotNull(Read($"NVRM: Xid (PCI:0000:b3:00): 45, pid={pid}"));
        }
    }

    private KernelLogLine? Read(string line, long afterMs = 0) => _reader.Read(line, StartMs + afterMs, TimeSpan.Zero);
}
