using System.Text;
using FsCheck.Xunit;
using GpuActors.Collector.KernelLogs;
using GpuActors.Core.Logs;

namespace GpuActors.Collector.Tests.KernelLogs;

public sealed class KernelLogParserTests
{
    // 2026-11-24T10:00:01Z, one second before the "now" of the tests.
    private const long TenMs = Given.NoonMs + (22 * Durations.HourMs) + Durations.SecondMs;
    private const long NowMs = TenMs + Durations.SecondMs;
    private const string Xid79 = "NVRM: Xid (PCI:0000:b3:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus.";

    [Theory]
    // syslog, with and without the time since boot
    [InlineData("Nov 24 10:00:01 n1 kernel: ", 0, "n1")]
    [InlineData("Nov 24 10:00:01 n1 kernel: [12345.678901] ", 0, "n1")]
    [InlineData("Nov 24 10:00:01.250 n1 kernel: ", 250, "n1")]
    // rsyslog's default since 2020, and journalctl -o short-iso-precise
    [InlineData("2026-11-24T10:00:01.123456+00:00 n1 kernel: ", 123, "n1")]
    [InlineData("2026-11-24T10:00:01.123456+0000 n1 kernel: ", 123, "n1")]
    [InlineData("2026-11-24T11:30:01.5+01:30 n1 kernel: [  12.3] ", 500, "n1")]
    [InlineData("2026-11-24T05:00:01-05 n1 kernel: ", 0, "n1")]
    [InlineData("2026-11-24T10:00:01Z n1.example.org kernel: ", 0, "n1.example.org")]
    [InlineData("<3>Nov 24 10:00:01 n1 kernel: ", 0, "n1")]
    // dmesg -T, dmesg --time-format iso
    [InlineData("[Tue Nov 24 10:00:01 2026] ", 0, "")]
    [InlineData("2026-11-24T10:00:01,123456+00:00 ", 123, "")]
    // dmesg -x
    [InlineData("kern  :warn  : 2026-11-24T10:00:01,123456+00:00 ", 123, "")]
    [InlineData("kern  :err   : [Tue Nov 24 10:00:01 2026] ", 0, "")]
    // the console of Talos
    [InlineData("10.0.11.119: kern: warning: [2026-11-24T10:00:01.123456789Z]: ", 123, "10.0.11.119")]
    [InlineData("10.0.11.119: kern:     err: [2026-11-24T10:00:01.123456789Z]: ", 123, "10.0.11.119")]
    // RFC 5424
    [InlineData("<4>1 2026-11-24T10:00:01.250Z n1 kernel - - - ", 250, "n1")]
    [InlineData("<4>1 2026-11-24T10:00:01.250+00:00 n1 kernel - - - \uFEFF", 250, "n1")]
    // a facility and level before or instead of the tag
    [InlineData("Nov 24 10:00:01 n1 kern.warn kernel: ", 0, "n1")]
    [InlineData("Nov 24 10:00:01 n1 kern.warning ", 0, "n1")]
    // without a zone, with a blank, journalctl -o short-full and short-unix
    [InlineData("2026-11-24T10:00:01.5 n1 kernel: ", 500, "n1")]
    [InlineData("2026-11-24 10:00:01.5 n1 kernel: ", 500, "n1")]
    [InlineData("Tue 2026-11-24 10:00:01 UTC n1 kernel: ", 0, "n1")]
    [InlineData("Tue 2026-11-24 11:00:01 +0100 n1 kernel: ", 0, "n1")]
    [InlineData("1795514401.123456 n1 kernel: ", 123, "n1")]
    // months of other languages
    [InlineData("nov. 24 10:00:01 n1 kernel: ", 0, "n1")]
    [InlineData("11月 24 10:00:01 n1 kernel: ", 0, "n1")]
    [InlineData("ноя 24 10:00:01 n1 kernel: ", 0, "n1")]
    [InlineData("lis 24 10:00:01.250 n1 kernel: ", 250, "n1")]
    public void The_time_of_day_of_a_line_is_parsed(string prefix, int milliseconds, string host)
    {
        var line = Parsed(prefix + Xid79);

        Assert.Equal(TenMs + milliseconds, line.TimeMs);
        Assert.Equal(host, line.Host);
        Assert.True(line.HasKnownPrefix);
        AssertXid79(line);
    }

    [Theory]
    [InlineData("n1 ")]
    [InlineData("node=7 zone=a ")]
    [InlineData("2026/11/24 10:00:01 n1 ")]
    [InlineData("Nov 24 10:00:01 n1 gpu rack-7 ")]
    public void A_prefix_of_no_known_form_does_not_hide_a_gpu_error(string prefix)
    {
        if (prefix.Contains('=', StringComparison.Ordinal))
        {
            AssertNothing(prefix + Xid79); // Other programs write names and values.
            return;
        }

        var line = Parsed(prefix + Xid79);

        Assert.False(line.HasKnownPrefix);
        AssertXid79(line);
    }

    [Theory]
    [InlineData("Okt 29 10:00:01", "2026-10-29T10:00:01Z")]
    [InlineData("déc. 30 10:00:01", "2026-10-30T10:00:01Z")]
    public void A_month_that_is_not_known_is_the_latest_one_whose_day_is_not_in_the_future(string time, string expected) =>
        Assert.Equal(Ms(expected), Parsed($"{time} n1 kernel: {Xid79}").TimeMs);

    [Theory]
    [InlineData("")]
    [InlineData("    ")]
    [InlineData("[12345.678] ")]
    [InlineData("[12345.678901][ T1234] ")]
    [InlineData("<3>")]
    [InlineData("<3>[12345.678901] ")]
    [InlineData("6,1234,5678,-;")]
    [InlineData("3,1234,5678,-,caller=T4711;")]
    [InlineData("kernel: ")]
    [InlineData("[12345.678901] n1 kernel: ")]
    public void A_line_of_dmesg_or_kmsg_has_no_time_of_day(string prefix)
    {
        var line = Parsed(prefix + Xid79);

        Assert.Null(line.TimeMs);
        AssertXid79(line);
    }

    [Fact]
    public void Local_time_without_a_zone_uses_the_hosts_offset() =>
        Assert.Equal(TenMs, Parsed("Nov 24 12:00:01 n1 kernel: " + Xid79, TimeSpan.FromHours(2)).TimeMs);

    [Theory]
    [InlineData("Dec 31 23:59:59", "2026-01-01T00:00:02Z", "2025-12-31T23:59:59Z")]
    [InlineData("Jan  1 00:00:01", "2025-12-31T23:59:59Z", "2025-01-01T00:00:01Z")]
    [InlineData("Feb 29 10:00:00", "2025-02-28T10:00:00Z", "2024-02-29T10:00:00Z")]
    public void A_syslog_time_without_a_year_gets_the_latest_year_that_is_not_in_the_future(string time, string now, string expected)
    {
        Assert.True(KernelLogParser.TryParse($"{time} n1 kernel: {Xid79}", Ms(now), TimeSpan.Zero, out var line));

        Assert.Equal(Ms(expected), line.TimeMs);
    }

    [Theory]
    [InlineData("NVRM: Xid (PCI:0000:b\0:00): 79, pid=1")]
    [InlineData("NVRM: Xid (PCI:0000:b3:00): 7\0, pid=1")]
    public void A_digit_replaced_by_nul_does_not_change_the_device_or_code(string message) =>
        AssertNothing("Nov 24 10:00:01 n1 kernel: " + message);

    [Theory]
    [InlineData("13月 4 10:00:01 n1 kernel: NVRM: Xid (PCI:0000:b3:00): 79, pid=1, name=x, GPU has fallen off the bus.")]
    [InlineData("13,  4 10:00:01 n1 kernel: NVRM: Xid (PCI:0000:b3:00): 79, pid=1, name=x, GPU has fallen off the bus.")]
    public void A_month_after_the_twelfth_does_not_end_the_reading(string line) =>
        Assert.Null(Record.Exception(() => KernelLogParser.TryParse(line, Given.NoonMs, TimeSpan.Zero, out _)));

    [Fact]
    public void A_journal_time_after_the_year_9999_is_ignored() =>
        Assert.Null(Parsed($$"""{"_TRANSPORT":"kernel","__REALTIME_TIMESTAMP":"9223372036854775792","MESSAGE":"{{Xid79}}"}""").TimeMs);

    [Fact]
    public void Journalctl_json_is_parsed()
    {
        var line = Parsed(
            $$"""{"_HOSTNAME":"n1","PRIORITY":"3","_TRANSPORT":"kernel","__REALTIME_TIMESTAMP":"{{TenMs}}"""
                + $$"""123","SYSLOG_IDENTIFIER":"kernel","MESSAGE":"{{Xid79}}"}"""
        );

        Assert.Equal((TenMs, "n1"), (line.TimeMs!.Value, line.Host));
        AssertXid79(line);
    }

    [Fact]
    public void Journalctl_json_may_have_the_message_as_bytes_or_several_times()
    {
        var bytes = string.Join(',', Encoding.Latin1.GetBytes(Xid79.Replace("<unknown>", "caf\u00E9", StringComparison.Ordinal)));
        var line = Parsed($$"""{"_TRANSPORT":"kernel","_HOSTNAME":"n1","MESSAGE":[{{bytes}}]}""");
        Assert.Equal((79, "n1"), (line.Code, line.Host));

        AssertXid79(Parsed($$"""{"_TRANSPORT":"kernel","MESSAGE":["another",[1,2],"{{Xid79}}"]}"""));
    }

    [Theory]
    [InlineData("NVRM: Xid (PCI:0000:b3:00): 31, pid=4711, name=python3, Ch 00000010, intr 00000000.", 31)]
    [InlineData("NVRM: Xid (0000:b3:00): 13, Graphics Exception: ESR 0x404600=0x80000002", 13)]
    [InlineData("NVRM: Xid (PCI:0000:b3:00.0): 119, pid=1, Timeout after 6s of waiting for RPC response", 119)]
    [InlineData("NVRM: Xid (PCI:0000:b3:00 GPU-I:05): 43, pid=1, name=python3, Ch 00000008", 43)]
    [InlineData("NVRM: Xid (PCI:00000000:B3:00): 94, Contained: SM (0x1).", 94)]
    public void Xids_with_and_without_the_pci_prefix_are_parsed(string message, int code)
    {
        var line = Parsed("[1.0] " + message);

        Assert.Equal(
            (KernelLogPart.Whole, KernelLogKind.Xid, code, "00000000:b3:00.0", message),
            (line.Part, line.Kind, line.Code, line.PciBusId, line.Message)
        );
    }

    [Theory]
    [InlineData("NVRM: GPU 0000:b3:00.0: GPU has fallen off the bus.")]
    [InlineData(
        "NVRM: The NVIDIA GPU 0000:b3:00.0 (PCI ID: 10de:2330) installed in this system has "
            + "fallen off the bus and is not responding to commands."
    )]
    [InlineData(
        "NVRM: The NVIDIA GPU 0000:b3:00.0\\x0aNVRM: (PCI ID: 10de:2330) installed in this system has\\x0a"
            + "NVRM: fallen off the bus and is not responding to commands.\\x0a"
    )]
    [InlineData(
        "NVRM: The NVIDIA GPU 0000:b3:00.0#012NVRM: (PCI ID: 10de:2330) installed in this system has#012"
            + "NVRM: fallen off the bus and is not responding to commands."
    )]
    public void A_fallen_off_the_bus_report_without_an_xid_gets_code_79(string message)
    {
        var line = Parsed("[1.0] " + message);

        Assert.Equal(
            (KernelLogPart.Whole, KernelLogKind.FallenOffBus, 79, "00000000:b3:00.0"),
            (line.Part, line.Kind, line.Code, line.PciBusId)
        );
    }

    [Fact]
    public void The_first_of_three_lines_names_the_gpu_and_the_last_names_the_error()
    {
        Assert.Equal(
            (KernelLogPart.Device, "00000000:b3:00.0"),
            (Parsed("NVRM: The NVIDIA GPU 0000:b3:00.0").Part, Parsed("NVRM: The NVIDIA GPU 0000:b3:00.0").PciBusId)
        );
        AssertNothing("NVRM: (PCI ID: 10de:2330) installed in this system has");
        Assert.Equal(
            (KernelLogPart.FallenOffBus, ""),
            (Parsed("NVRM: fallen off the bus and is not responding to commands.").Part, Parsed("NVRM: fallen off the bus and").PciBusId)
        );
    }

    [Fact]
    public void An_nvswitch_error_is_an_sxid_of_the_switch()
    {
        var line = Parsed(
            "[1.0] nvidia-nvswitch3: SXid (PCI:0000:c3:00.0): 12028, Non-fatal, Link 32 egress non-posted PRIV error (First)"
        );

        Assert.Equal(
            (KernelLogPart.Whole, KernelLogKind.SXid, 12028, "00000000:c3:00.0"),
            (line.Part, line.Kind, line.Code, line.PciBusId)
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("{}")]
    [InlineData("Nov 24 10:00:01 n1 kernel: usb 1-1: new device")]
    [InlineData("Nov 24 10:00:01 n1 kernel: NVRM: loading NVIDIA UNIX x86_64 Kernel Module  550.127.08")]
    [InlineData("Nov 24 10:00:01 n1 kernel: NVRM: GPU at PCI:0000:b3:00: GPU-265c9814-6156-355b-e589-ff2064894f16")]
    [InlineData("Nov 24 10:00:01 n1 kernel: NVRM: GPU 0000:b3:00.0: GPU serial number is 1652922.")]
    // Messages of other programs that contain the driver's texts.
    [InlineData("Nov 24 10:00:01 n1 root: NVRM: Xid (PCI:0000:b3:00): 79, a joke")]
    [InlineData("Nov 24 10:00:01 n1 sh[12]: kernel: NVRM: Xid (PCI:0000:b3:00): 79, a joke")]
    [InlineData("Nov 24 10:00:01 n1 kernel: python3: NVRM: Xid (PCI:0000:b3:00): 79, a joke")]
    [InlineData("""{"_TRANSPORT":"syslog","SYSLOG_IDENTIFIER":"kernel","MESSAGE":"NVRM: Xid (PCI:0000:b3:00): 79, a joke"}""")]
    [InlineData("""{"SYSLOG_IDENTIFIER":"sh","MESSAGE":"NVRM: Xid (PCI:0000:b3:00): 79, a joke"}""")]
    [InlineData("""{"_TRANSPORT":"kernel","MESSAGE":"NVRM: Xid (PCI:0000:b3:00): 79, cut""")]
    [InlineData("""{"_TRANSPORT":"kernel","MESSAGE":[78,86,82,77,58,32]}NVRM: """)]
    [InlineData("""{"_TRANSPORT":"kernel","MESSAGE":null}""")]
    [InlineData("""{"_TRANSPORT":"kernel","MESSAGE":[[78,86],"usb 1-1: new device"]}""")]
    [InlineData("<14>1 2026-11-24T10:00:01.250Z n1 app 12 - - NVRM: Xid (PCI:0000:b3:00): 79, a joke")]
    [InlineData("Nov 24 10:00:01 n1 audit: msg='NVRM: Xid (PCI:0000:b3:00): 79, a joke'")]
    [InlineData("Nov 24 10:00:01 n1 sh[12]: I saw NVRM: Xid (PCI:0000:b3:00): 79, a joke")]
    // Damaged lines.
    [InlineData("NVRM: Xid (PCI:0000:b3:00): 7")]
    [InlineData("NVRM: Xid (PCI:0000:b3:00): 79")]
    [InlineData("NVRM: Xid (PCI:0000:b3:00): 0, nothing")]
    [InlineData("NVRM: Xid (PCI:0000:b3:00): -9, nothing")]
    [InlineData("NVRM: Xid (PCI:0000:b3:00): 7x, nothing")]
    [InlineData("NVRM: Xid (PCI:0000:b3:00): 99999999999, nothing")]
    [InlineData("NVRM: Xid (PCI:0000:b3:001): 79, no")]
    [InlineData("NVRM: Xid (PCI:0000:b3): 79, no")]
    [InlineData("NVRM: Xid (PCI:0000:b3:00: 79, no")]
    [InlineData("NVRM: GPU 0000:b3:0: GPU has fallen off the bus.")]
    // The register lines of an SXid.
    [InlineData("nvidia-nvswitch3: SXid (PCI:0000:c3:00.0): 12028, Severity 0 Engine instance 32 Sub-engine instance 00")]
    [InlineData("nvidia-nvswitch3: SXid (PCI:0000:c3:00.0): 12028, Data {0x00140004, 0x00100000}")]
    [InlineData("nvidia-nvswitch: registered")]
    [InlineData("nvidia-nvswitchX: SXid (PCI:0000:c3:00.0): 12028, Non-fatal")]
    public void Ordinary_foreign_and_damaged_lines_are_ignored(string line) => AssertNothing(line);

    [Fact]
    public void A_long_message_is_truncated_between_characters()
    {
        var message = "NVRM: Xid (PCI:0000:b3:00): 13, ";
        message += new string('x', KernelLogEvent.MaxMessageLength - message.Length - 1) + "\U0001F525 and more";

        var line = Parsed(message);

        Assert.Equal(KernelLogEvent.MaxMessageLength - 1, line.Message.Length);
        Assert.EndsWith("x", line.Message, StringComparison.Ordinal);
    }

    [Property(MaxTest = 3000)]
    public void Damaged_lines_never_throw_and_never_name_another_device(int seed)
    {
        (string Before, string Device, string After)[] lines =
        [
            (
                "Nov 24 10:00:01 n1 kernel: [1.5] NVRM: Xid ",
                "(PCI:0000:b3:00)",
                ": 79, pid=4711, name=python3, GPU has fallen off the bus."
            ),
            ("2026-11-24T10:00:01.123456+00:00 n1 kernel: NVRM: ", "GPU 0000:b3:00.0: ", "GPU has fallen off the bus."),
            (
                "6,1234,5678,-;NVRM: ",
                "The NVIDIA GPU 0000:b3:00.0 ",
                "(PCI ID: 10de:2330) installed in this system has fallen off the bus and is not responding"
            ),
            ("<3>nvidia-nvswitch3: SXid ", "(PCI:0000:b3:00.0)", ": 12028, Non-fatal, Link 32"),
            (
                "{\"_TRANSPORT\":\"kernel\",\"_HOSTNAME\":\"n1\",\"MESSAGE\":\"NVRM: Xid ",
                "(PCI:0000:b3:00)",
                ": 79, x\",\"__REALTIME_TIMESTAMP\":\"1795514401123456\"}"
            ),
        ];
        var random = new Random(seed);
        var (before, device, after) = lines[random.Next(lines.Length)];
        var damaged = random.Next(2) == 0 ? Damaged(before, random) + device + after : before + device + Damaged(after, random);

        var says = KernelLogParser.TryParse(damaged, NowMs, TimeSpan.Zero, out var line);
        var anywhere = KernelLogParser.TryParse(Damaged(before + device + after, random), NowMs, TimeSpan.Zero, out var other);

        Assert.True(!says || line.PciBusId is "" or "00000000:b3:00.0", $"{damaged} -> {line}");
        Assert.True(!says || line.Part == KernelLogPart.FallenOffBus || line.PciBusId.Length > 0, damaged);
        Assert.True(!anywhere || other.Part == KernelLogPart.FallenOffBus || other.PciBusId.Length > 0);
    }

    private static string Damaged(string text, Random random) =>
        Encoding.UTF8.GetString(Mutations.Of(Encoding.UTF8.GetBytes(text), random));

    private static long Ms(string time) =>
        DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();

    private static KernelLogLine Parsed(string line, TimeSpan offset = default)
    {
        Assert.True(KernelLogParser.TryParse(line, NowMs, offset, out var parsed), line);
        return parsed;
    }

    private static void AssertNothing(string line) => Assert.False(KernelLogParser.TryParse(line, NowMs, TimeSpan.Zero, out _), line);

    private static void AssertXid79(KernelLogLine line) =>
        Assert.Equal(
            (KernelLogPart.Whole, KernelLogKind.Xid, 79, "00000000:b3:00.0", Xid79),
            (line.Part, line.Kind, line.Code, line.PciBusId, line.Message)
        );
}
