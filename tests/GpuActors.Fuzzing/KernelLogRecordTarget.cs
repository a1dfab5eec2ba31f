using System.Text;
using System.Text.Json;
using GpuActors.Core.Logs;
using GpuActors.Core.Samples;

namespace GpuActors.Fuzzing;

/// <summary>
/// Records of <c>gpu-logs</c>. A record is either rejected with an error text, or belongs to a GPU that the record names and is unchanged
/// after it was written and read again.
/// </summary>
internal sealed class KernelLogRecordTarget : FuzzTarget
{
    public override string Name => "kernel log record";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. FuzzSamples.Ids.Select(
            (id, i) =>
                KernelLogCodec.Encode(
                    new KernelLogEvent(
                        GpuId.Parse(id),
                        i == 1 ? KernelLogKind.SXid : KernelLogKind.Xid,
                        79 + i,
                        Given.NoonMs,
                        "n1",
                        "00000000:b3:00.0",
                        "NVRM: Xid (PCI:0000:b3:00): 79, GPU has fallen off the bus."
                    )
                )
        ),
    ];

    public override void Renew() { }

    public override string Run(byte[] input, Random random)
    {
        var reason = KernelLogCodec.Read(input, out var line, out var detail);
        if (reason != RejectReason.None)
        {
            Require(detail.Length > 0, "a reject without words");
            return reason.ToString();
        }

        if (input.AsSpan().IndexOf(Encoding.ASCII.GetBytes(line!.Gpu.Value)) < 0)
        {
            using var json = JsonDocument.Parse(input);
            Require(
                json.RootElement.EnumerateObject()
                    .Any(m => m.Value.ValueKind == JsonValueKind.String && m.Value.ValueEquals(line.Gpu.Value)),
                $"the line belongs to {line.Gpu}, which the record does not name"
            );
        }

        Require(
            KernelLogCodec.Read(KernelLogCodec.Encode(line), out var again, out detail) == RejectReason.None && again == line,
            $"the line differs after it was written and read again: {detail}"
        );
        return "accepted";
    }
}
