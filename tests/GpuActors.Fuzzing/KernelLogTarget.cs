using System.Globalization;
using System.Text;
using GpuActors.Collector.KernelLogs;
using GpuActors.Core.Logs;
using GpuActors.Core.Samples;

namespace GpuActors.Fuzzing;

/// <summary>
/// Lines of a kernel log. The code and the device of a report must occur in the line, and the report must be unchanged after it was written
/// as a record and read again.
/// </summary>
internal sealed class KernelLogTarget : FuzzTarget
{
    private const string Json =
        """{"_TRANSPORT":"kernel","SYSLOG_IDENTIFIER":"kernel","__REALTIME_TIMESTAMP":"1795435200000000","_HOSTNAME":"n1","MESSAGE":"NVRM"""
        + """: Xid (PCI:0000:b3:00): 79, pid=1, GPU has fallen off the bus."}""";

    private static readonly GpuId Gpu = GpuId.Parse(FuzzSamples.Ids[0]);

    public override string Name => "kernel log line";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. new[]
        {
            "Nov 24 10:00:01 n1 kernel: NVRM: Xid (PCI:0000:b3:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus.",
            "Nov 24 10:00:01 n1 kernel: [ 1234.567890] NVRM: Xid (PCI:0000:b3:00 GPU-I:05): 43, pid=1, name=python3, Ch 00000008",
            "2026-11-24T10:00:01.123456+01:00 n1 kernel: NVRM: Xid (PCI:00000000:B3:00): 94, Contained: SM (0x1).",
            "[1.0] nvidia-nvswitch3: SXid (PCI:0000:c3:00.0): 12028, Non-fatal, Link 32 egress non-posted PRIV error (First)",
            "6,1234,98765432,-;NVRM: Xid (0000:b3:00): 13, Graphics Exception: ESR 0x404600=0x80000002",
            "Nov 24 10:00:01 n1 kernel: NVRM: The NVIDIA GPU 0000:b3:00.0\\x0aNVRM: (PCI ID: 10de:2330) installed in this system "
                + "has\\x0aNVRM: fallen off the bus and is not responding to commands.\\x0a",
            Json,
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public override void Renew() { }

    public override string Run(byte[] input, Random random)
    {
        // Decodes the line like the follower of a file: invalid bytes become U+FFFD.
        var line = Encoding.UTF8.GetString(input);
        if (!KernelLogParser.TryParse(line, Given.NoonMs, TimeSpan.FromMinutes(random.Next(-840, 841)), out var parsed))
        {
            return "nothing";
        }

        Require(parsed.Code > 0, $"code {parsed.Code}");
        Require(parsed.Message.Length <= KernelLogEvent.MaxMessageLength, $"the message has {parsed.Message.Length} characters");
        Require(parsed.PciBusId.Length > 0 || parsed.Part == KernelLogPart.FallenOffBus, "no device");
        // Code and device may be written with JSON escapes.
        if (!line.Contains('\\', StringComparison.Ordinal))
        {
            Require(
                parsed.Code == KernelLogParser.FallenOffBusCode
                    || line.Contains(parsed.Code.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal),
                $"code {parsed.Code} does not occur in the line"
            );
            Require(
                parsed.PciBusId.Length == 0 || line.Contains(parsed.PciBusId.Split(':')[1], StringComparison.OrdinalIgnoreCase),
                $"device {parsed.PciBusId} does not occur in the line"
            );
        }

        var written = new KernelLogEvent(
            Gpu,
            parsed.Kind,
            parsed.Code,
            parsed.TimeMs ?? Given.NoonMs,
            parsed.Host,
            parsed.PciBusId,
            parsed.Message
        );
        var reason = KernelLogCodec.Read(KernelLogCodec.Encode(written), out var read, out var detail);
        Require(reason == RejectReason.None, $"the record of the line was rejected: {detail}");
        Require(read! with { Host = "", Message = "" } == written with { Host = "", Message = "" }, "written and read again it is another");
        return parsed.Part.ToString();
    }
}
