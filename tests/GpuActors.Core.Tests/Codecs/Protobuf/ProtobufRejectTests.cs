using GpuActors.Core.Codecs.Protobuf;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Tests.Codecs.Protobuf;

/// <summary>Invalid records: each is rejected with its reason and an error text that names the field or byte.</summary>
public sealed class ProtobufRejectTests
{
    // version 1, gpu "g", a time, temperature 61: one field per part.
    private static readonly byte[] Good = Convert.FromHexString("0801" + "120167" + "1880a8bda3ab34" + "52029601" + "5a080000000000804e40");

    [Theory]
    [InlineData("", RejectReason.EmptyValue, "no value")]
    [InlineData("08", RejectReason.MalformedProtobuf, "byte 1: the record ends within a number")]
    [InlineData("0801120547", RejectReason.MalformedProtobuf, "byte 3: the field has a length of 5 bytes, but only 1 bytes")]
    [InlineData("0801" + "12ffffffffffffffffff01", RejectReason.MalformedProtobuf, "length of 18446744073709551615 bytes")]
    [InlineData("08ffffffffffffffffff02", RejectReason.MalformedProtobuf, "byte 1: a number is longer than 64 bits")]
    [InlineData("08ffffffffffffffffffff01", RejectReason.MalformedProtobuf, "longer than 64 bits")]
    [InlineData("00", RejectReason.MalformedProtobuf, "0 is not a valid field tag")]
    [InlineData("0a0131", RejectReason.MalformedProtobuf, "byte 0: field 1 has wire type 2: it must be 0")]
    [InlineData("0801" + "1005", RejectReason.MalformedProtobuf, "byte 2: field 2 has wire type 0: it must be 2")]
    [InlineData("0801" + "1901", RejectReason.MalformedProtobuf, "field 3 has wire type 1")]
    [InlineData("0801" + "2d01000000", RejectReason.MalformedProtobuf, "field 5 has wire type 5")]
    [InlineData("0801" + "5500000000", RejectReason.MalformedProtobuf, "field 10 has wire type 5")]
    [InlineData("0801" + "5801", RejectReason.MalformedProtobuf, "field 11 has wire type 0")]
    [InlineData("0801" + "5a0700000000000000", RejectReason.MalformedProtobuf, "7 bytes, which is not a multiple of 8")]
    [InlineData("0801" + "520180", RejectReason.MalformedProtobuf, "byte 4: the record ends within a number")]
    [InlineData("0801" + "4a03080a05", RejectReason.MalformedProtobuf, "byte 4: field 1 has wire type 0")]
    [InlineData("0801" + "62020a00", RejectReason.MalformedProtobuf, "byte 4: field 1 has wire type 2")]
    [InlineData("0801" + "0f", RejectReason.MalformedProtobuf, "wire type 7")]
    [InlineData("0801" + "a406", RejectReason.MalformedProtobuf, "group 100 ends without a start")]
    [InlineData("0801" + "a306", RejectReason.MalformedProtobuf, "the record ends")]
    [InlineData("0801" + "a306ac06", RejectReason.MalformedProtobuf, "group 100 ends as group 101")]
    [InlineData("0802" + "120167", RejectReason.UnknownVersion, "'version' is 2")]
    [InlineData("120167", RejectReason.UnknownVersion, "'version' is missing")]
    [InlineData("0801" + "1880a8bda3ab34", RejectReason.MissingGpu, "'gpu'")]
    [InlineData("0801" + "1200", RejectReason.MissingGpu, "'gpu'")]
    [InlineData("0801" + "120167", RejectReason.MissingTime, "'time_unix_ms'")]
    [InlineData("0801" + "120167" + "18ffffffffffffffff7f", RejectReason.InvalidTime, "9223372036854775807")]
    [InlineData("0801" + "120167" + "1880808080808080808001", RejectReason.InvalidTime, "-9223372036854775808")]
    [InlineData("0801" + "12026720" + "1880a8bda3ab34", RejectReason.InvalidGpu, "printable")]
    [InlineData("0801" + "120167" + "1880a8bda3ab34" + "2201ff", RejectReason.MalformedProtobuf, "UTF-8")]
    [InlineData("0801" + "120167" + "1880a8bda3ab34" + "2201ff" + "220168", RejectReason.MalformedProtobuf, "UTF-8")] // Then a valid one.
    [InlineData("0801" + "120167" + "1880a8bda3ab34" + "52029601", RejectReason.MalformedProtobuf, "1 metric ids and 0 values")]
    public void Invalid_records_are_rejected_with_a_reason_and_an_error_text(string hex, RejectReason reason, string words)
    {
        var reader = new ProtobufSampleReader(new GpuRegistry());
        AssertGood(reader);

        Assert.Equal(reason, reader.Read(Convert.FromHexString(hex), new GpuSample()));
        Assert.Contains(words, reader.LastDetail, StringComparison.Ordinal);

        // The decoder can still read the next record.
        AssertGood(reader);
    }

    [Fact]
    public void A_record_truncated_within_a_field_is_malformed()
    {
        int[] fieldsEnd = [0, 2, 5, 12, 16];
        foreach (var length in Enumerable.Range(0, Good.Length).Except(fieldsEnd))
        {
            Assert.Equal(
                RejectReason.MalformedProtobuf,
                new ProtobufSampleReader(new GpuRegistry()).Read(Good.AsSpan(0, length), new GpuSample())
            );
        }
    }

    [Fact]
    public void Groups_nested_a_million_deep_do_not_exhaust_the_stack()
    {
        var reader = new ProtobufSampleReader(new GpuRegistry());
        byte[] deep = [0x08, 0x01, .. Enumerable.Repeat((byte)0x7b, 1_000_000)];

        Assert.Equal(RejectReason.MalformedProtobuf, reader.Read(deep, new GpuSample()));
        Assert.Contains("nested more than 100 deep", reader.LastDetail, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_many_metrics_are_rejected()
    {
        var reader = new ProtobufSampleReader(new GpuRegistry());
        byte[] many = [0x08, 0x01, .. Enumerable.Repeat<byte[]>([0x50, 0x01], 4097).SelectMany(b => b)];

        Assert.Equal(RejectReason.MalformedProtobuf, reader.Read(many, new GpuSample()));
        Assert.Contains("more than 4096", reader.LastDetail, StringComparison.Ordinal);
        AssertGood(reader);
    }

    private static void AssertGood(ProtobufSampleReader reader)
    {
        var read = new GpuSample();
        Assert.Equal(RejectReason.None, reader.Read(Good, read));
        Assert.Equal(61, read[Metric.GpuTemp]);
    }
}
