using System.Text;
using System.Text.Json.Nodes;
using FsCheck.Xunit;
using GpuActors.Core.Logs;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Tests.Logs;

public sealed class KernelLogCodecTests
{
    private static readonly KernelLogEvent Line = new(
        GpuId.Parse(Given.Gpu),
        KernelLogKind.Xid,
        79,
        Given.NoonMs + 123,
        "n1",
        "00000000:b3:00.0",
        "NVRM: Xid (PCI:0000:b3:00): 79, name=\"x\\y\", é\u0001, GPU has fallen off the bus."
    )
    {
        Index = 3,
        Model = "NVIDIA H100 80GB HBM3",
        Driver = "550.127.08",
    };

    [Theory]
    [InlineData(KernelLogKind.Xid, "xid")]
    [InlineData(KernelLogKind.FallenOffBus, "fallen_off_bus")]
    [InlineData(KernelLogKind.SXid, "sxid")]
    public void What_is_written_is_read_back(KernelLogKind kind, string name)
    {
        var bytes = KernelLogCodec.Encode(Line with { Kind = kind });

        Assert.Equal(name, JsonNode.Parse(bytes)!["kind"]!.GetValue<string>());
        Assert.Equal(RejectReason.None, KernelLogCodec.Read(bytes, out var read, out var detail));
        Assert.Equal(Line with { Kind = kind }, read);
        Assert.Equal("", detail);
    }

    [Fact]
    public void A_record_has_the_members_of_the_contract() =>
        Assert.Equal(
            """{"v":1,"gpu":"GPU-265c9814-6156-355b-e589-ff2064894f16","ts":"2026-11-23T12:00:00.123Z","kind":"xid","code":79"""
                + ""","host":"n1","pci":"00000000:b3:00.0","message":"NVRM: …","index":3"""
                + ""","model":"NVIDIA H100 80GB HBM3","driver":"550.127.08"}""",
            Encoding.UTF8.GetString(KernelLogCodec.Encode(Line with { Message = "NVRM: …" }))
        );

    [Theory]
    [InlineData("", RejectReason.EmptyValue, "has no value")]
    [InlineData("{", RejectReason.MalformedJson, "")]
    [InlineData("[]", RejectReason.WrongType, "object")]
    [InlineData("""{"v":1}x""", RejectReason.MalformedJson, "")]
    [InlineData("""{"v":2,"gpu":"GPU-1","ts":"2026-11-23T12:00:00Z","kind":"xid","code":79}""", RejectReason.UnknownVersion, "'v' is 2")]
    [InlineData("""{"gpu":"GPU-1","ts":"2026-11-23T12:00:00Z","kind":"xid","code":79}""", RejectReason.UnknownVersion, "missing")]
    [InlineData("""{"v":1,"ts":"2026-11-23T12:00:00Z","kind":"xid","code":79}""", RejectReason.MissingGpu, "gpu")]
    [InlineData("""{"v":1,"gpu":"GPU 1","ts":"2026-11-23T12:00:00Z","kind":"xid","code":79}""", RejectReason.InvalidGpu, "gpu")]
    [InlineData("""{"v":1,"gpu":7,"ts":"2026-11-23T12:00:00Z","kind":"xid","code":79}""", RejectReason.WrongType, "'gpu'")]
    [InlineData("""{"v":1,"gpu":"GPU-1","kind":"xid","code":79}""", RejectReason.MissingTime, "ts")]
    [InlineData("""{"v":1,"gpu":"GPU-1","ts":"noon","kind":"xid","code":79}""", RejectReason.InvalidTime, "noon")]
    [InlineData("""{"v":1,"gpu":"GPU-1","ts":"2026-11-23T12:00:00Z","kind":"oops","code":79}""", RejectReason.WrongType, "oops")]
    [InlineData("""{"v":1,"gpu":"GPU-1","ts":"2026-11-23T12:00:00Z","kind":"xid"}""", RejectReason.WrongType, "code")]
    [InlineData("""{"v":1,"gpu":"GPU-1","ts":"2026-11-23T12:00:00Z","kind":"xid","code":0}""", RejectReason.WrongType, "code")]
    [InlineData("""{"v":1,"gpu":"GPU-1","ts":"2026-11-23T12:00:00Z","kind":"xid","code":7.5}""", RejectReason.WrongType, "code")]
    [InlineData("""{"v":1,"gpu":"GPU-1","ts":"2026-11-23T12:00:00Z","kind":"xid","code":"79"}""", RejectReason.WrongType, "'code'")]
    [InlineData(
        """{"v":1,"gpu":"GPU-1","ts":"2026-11-23T12:00:00Z","kind":"xid","code":79,"index":1.5}""",
        RejectReason.WrongType,
        "'index'"
    )]
    [InlineData("""{"v":1,"gpu":"\ud800","ts":"2026-11-23T12:00:00Z","kind":"xid","code":79}""", RejectReason.MalformedJson, "")]
    public void Invalid_records_are_rejected_with_a_reason(string record, RejectReason reason, string detail)
    {
        Assert.Equal(reason, KernelLogCodec.Read(Encoding.UTF8.GetBytes(record), out var line, out var actual));
        Assert.Null(line);
        Assert.Contains(detail, actual, StringComparison.Ordinal);
        Assert.NotEqual("", actual);
    }

    [Fact]
    public void Optional_and_unknown_members_and_the_kernels_form_of_pci_ids_are_accepted()
    {
        var record =
            """{"x":{"a":[1,2]},"code":48,"kind":"xid","pci":"0000:B3:00","ts":"2026-11-23T12:00:00Z","gpu":"GPU-1","v":1,"host":null}"""u8;

        Assert.Equal(RejectReason.None, KernelLogCodec.Read(record, out var line, out _));

        Assert.Equal(new KernelLogEvent(GpuId.Parse("GPU-1"), KernelLogKind.Xid, 48, Given.NoonMs, "", "00000000:b3:00.0", ""), line);
    }

    [Property(MaxTest = 2000)]
    public void Damaged_records_never_throw_and_accepted_ones_are_complete(int seed)
    {
        var damaged = Mutations.Of(KernelLogCodec.Encode(Line), new Random(seed));

        var reason = KernelLogCodec.Read(damaged, out var line, out var detail);

        Assert.Equal(reason == RejectReason.None, line is not null);
        Assert.Equal(reason == RejectReason.None, detail.Length == 0);
        Assert.True(line is null or { Code: > 0, Gpu.Value.Length: > 0, Message.Length: <= KernelLogEvent.MaxMessageLength });
    }
}
