using System.Text;
using GpuActors.Core.Codecs;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Tests.Codecs;

/// <summary>Invalid records: each is rejected with its reason and an error text that names the member.</summary>
public sealed class SampleDecoderRejectTests
{
    private const string Time = "\"ts\":\"2026-11-23T12:00:00Z\"";
    private const string Good = "{\"v\":1,\"gpu\":\"g\"," + Time + ",\"m\":{\"gpu_temp\":61}}";

    [Theory]
    [InlineData("", RejectReason.EmptyValue, "no value")]
    [InlineData("  \n", RejectReason.UnknownFormat, "white space")]
    [InlineData("hello", RejectReason.UnknownFormat, "0x68")]
    [InlineData("\u0001\u0002\u0003", RejectReason.UnknownFormat, "0x01")]
    [InlineData("[1]", RejectReason.UnknownFormat, "0x5b")]
    [InlineData("{", RejectReason.MalformedJson, "byte")]
    [InlineData("{\"v\":1,\"gpu\":\"g\"," + Time + ",\"m\":{\"gpu_temp\":6", RejectReason.MalformedJson, "byte")]
    [InlineData("{\"v\":1,\"gpu\":\"g\"," + Time + ",\"m\":{\"gpu_temp\":NaN}}", RejectReason.MalformedJson, "'N'")]
    [InlineData("{\"v\":1,\"gpu\":\"g\"," + Time + ",\"m\":{\"gpu_temp\":61}}x", RejectReason.MalformedJson, "'x'")]
    [InlineData("{\"v\":1,\"gpu\":\"g\"," + Time + ",\"m\":{\"gpu_temp\":\"61\"}}", RejectReason.WrongType, "m.gpu_temp")]
    [InlineData("{\"v\":1,\"gpu\":\"g\"," + Time + ",\"m\":{\"gpu_temp\":true}}", RejectReason.WrongType, "m.gpu_temp")]
    [InlineData("{\"v\":1,\"gpu\":\"g\"," + Time + ",\"m\":{\"gpu_temp\":{\"a\":[1]}}}", RejectReason.WrongType, "m.gpu_temp")]
    [InlineData("{\"v\":1,\"gpu\":\"g\"," + Time + ",\"m\":[61]}", RejectReason.WrongType, "'m'")]
    [InlineData("{\"v\":\"1\",\"gpu\":\"g\"," + Time + ",\"m\":{}}", RejectReason.WrongType, "'v'")]
    [InlineData("{\"v\":1,\"gpu\":7," + Time + ",\"m\":{}}", RejectReason.WrongType, "'gpu'")]
    [InlineData("{\"v\":1,\"gpu\":\"g\",\"ts\":1795435200,\"m\":{}}", RejectReason.WrongType, "'ts'")]
    [InlineData("{\"v\":1,\"gpu\":\"g\"," + Time + ",\"index\":\"3\",\"m\":{}}", RejectReason.WrongType, "'index'")]
    [InlineData("{\"v\":1,\"gpu\":\"g\"," + Time + ",\"host\":3,\"m\":{}}", RejectReason.WrongType, "'host'")]
    [InlineData("{\"v\":2,\"gpu\":\"g\"," + Time + ",\"m\":{}}", RejectReason.UnknownVersion, "'v' is 2")]
    [InlineData("{\"gpu\":\"g\"," + Time + ",\"m\":{}}", RejectReason.UnknownVersion, "'v' is missing")]
    [InlineData("{\"schema_version\":\"1.0\",\"event_id\":\"x\"}", RejectReason.UnknownVersion, "schema_version")]
    [InlineData("{\"v\":1," + Time + ",\"m\":{}}", RejectReason.MissingGpu, "'gpu'")]
    [InlineData("{\"v\":1,\"gpu\":\"\"," + Time + ",\"m\":{}}", RejectReason.InvalidGpu, "128")]
    [InlineData("{\"v\":1,\"gpu\":\"g 1\"," + Time + ",\"m\":{}}", RejectReason.InvalidGpu, "printable")]
    [InlineData("{\"v\":1,\"gpu\":\"g\\u0000\"," + Time + ",\"m\":{}}", RejectReason.InvalidGpu, "printable")]
    [InlineData("{\"v\":1,\"gpu\":\"g\\ud800\"," + Time + ",\"m\":{}}", RejectReason.InvalidGpu, "printable")]
    [InlineData("{\"v\":1,\"gpu\":\"g\"," + Time + ",\"schema\\ud800_version\":1,\"m\":{}}", RejectReason.MalformedJson, "escape")]
    [InlineData("{\"v\":1,\"gpu\":\"g\",\"m\":{}}", RejectReason.MissingTime, "'ts'")]
    [InlineData("{\"v\":1,\"gpu\":\"g\",\"ts\":\"yesterday\",\"m\":{}}", RejectReason.InvalidTime, "yesterday")]
    [InlineData("{\"v\":1,\"gpu\":\"g\",\"ts\":\"2026-11-23T12:00:00+01:00\",\"m\":{}}", RejectReason.InvalidTime, "RFC 3339")]
    public void Invalid_records_are_rejected_with_a_reason_and_an_error_text(string record, RejectReason reason, string words)
    {
        var decoder = new SampleDecoder(new GpuRegistry());
        Assert.Equal(RejectReason.None, decoder.Decode(Encoding.UTF8.GetBytes(Good), new GpuSample()));

        Assert.Equal(reason, decoder.Decode(Encoding.UTF8.GetBytes(record), new GpuSample()));
        Assert.Contains(words, decoder.LastDetail, StringComparison.Ordinal);

        // The decoder can still read the next record.
        Assert.Equal(RejectReason.None, decoder.Decode(Encoding.UTF8.GetBytes(Good), new GpuSample()));
    }

    [Fact]
    public void An_id_of_129_bytes_is_rejected()
    {
        var decoder = new SampleDecoder(new GpuRegistry());
        string Record(int length) => Good.Replace("\"g\"", $"\"{new string('g', length)}\"", StringComparison.Ordinal);
        Assert.Equal(RejectReason.None, decoder.Decode(Encoding.UTF8.GetBytes(Record(128)), new GpuSample()));
        Assert.Equal(RejectReason.InvalidGpu, decoder.Decode(Encoding.UTF8.GetBytes(Record(129)), new GpuSample()));
    }

    [Fact]
    public void A_byte_order_mark_is_skipped() =>
        Assert.Equal(
            RejectReason.None,
            new SampleDecoder(new GpuRegistry()).Decode([0xef, 0xbb, 0xbf, .. Encoding.UTF8.GetBytes(Good)], new GpuSample())
        );

    [Fact]
    public void Invalid_utf8_does_not_throw()
    {
        var decoder = new SampleDecoder(new GpuRegistry());
        var record = Encoding.UTF8.GetBytes(Good.Replace("\"m\":", "\"host\":\"xx\",\"m\":", StringComparison.Ordinal));
        record[record.AsSpan().IndexOf("xx"u8)] = 0xc3;
        Assert.Equal(RejectReason.MalformedJson, decoder.Decode(record, new GpuSample()));
    }

    [Fact]
    public void A_record_without_metrics_is_not_affected_by_the_record_before_it()
    {
        const string Bare = "{\"v\":1,\"gpu\":\"g\",\"ts\":\"2026-11-23T12:00:00.000Z\",\"x\":1}";
        var decoder = new SampleDecoder(new GpuRegistry());
        var longer = Good.Replace("\"m\"", $"\"host\":\"{new string('h', 200)}\",\"m\"", StringComparison.Ordinal);
        Assert.Equal(RejectReason.None, decoder.Decode(Encoding.UTF8.GetBytes(longer), new GpuSample()));
        var read = new GpuSample();

        Assert.Equal(RejectReason.None, decoder.Decode(Encoding.UTF8.GetBytes(Bare), read));
        Assert.All(read.Values.ToArray(), value => Assert.True(double.IsNaN(value)));
    }
}
