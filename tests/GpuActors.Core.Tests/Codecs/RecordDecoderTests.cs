using System.Buffers;
using System.Text;
using GpuActors.Core.Codecs;
using GpuActors.Core.Codecs.Protobuf;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Tests.Codecs;

/// <summary>The choice of the codec for a record: by its header or, without a header, by its first byte.</summary>
public sealed class RecordDecoderTests
{
    private const string Event =
        """{"schema_version":"1.0","event_type":"gpu_metric_sample","timestamp":1795435200,"gpu":"""
        + """{"gpu_uuid":"GPU-265c9814-6156-355b-e589-ff2064894f16"},"metrics":{"health":{"gpu_temp_c":61}}}""";
    private readonly GpuRegistry _registry = new();
    private readonly RecordDecoder _decoder;

    public RecordDecoderTests() => _decoder = new RecordDecoder(_registry);

    [Fact]
    public void Without_a_header_the_first_byte_determines_the_format()
    {
        AssertRead(Json());
        AssertRead(Protobuf());
        AssertRead(Encoding.UTF8.GetBytes(Event));
        AssertRead([.. " \n\t"u8, .. Json()]);
        AssertRead([0xef, 0xbb, 0xbf, .. Json()]);

        Assert.Equal(
            (3, 1, 1),
            (_decoder.Json.FastRecords + _decoder.Json.GeneralRecords, _decoder.ProtobufRecords, _decoder.NestedRecords)
        );
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("Application/JSON ;charset=utf-8")]
    public void The_content_type_of_json_may_have_parameters(string header)
    {
        AssertRead(Json(), header);
        AssertRead(Encoding.UTF8.GetBytes(Event), header);
    }

    [Theory]
    [InlineData("application/x-protobuf")]
    [InlineData("application/protobuf")]
    [InlineData("APPLICATION/X-PROTOBUF; messageType=\"gpuactors.v1.Sample\"")]
    public void Both_content_types_of_protobuf_are_accepted(string header) => AssertRead(Protobuf(), header);

    [Fact]
    public void With_a_header_protobuf_fields_may_have_any_order()
    {
        var record = Protobuf();
        byte[] versionLast = [.. record[2..], .. record[..2]];

        AssertRead(versionLast, ContentTypes.Protobuf);
        Assert.Equal(RejectReason.UnknownFormat, Decode(versionLast));
    }

    [Fact]
    public void The_header_takes_precedence_over_the_first_byte()
    {
        Assert.Equal(RejectReason.MalformedProtobuf, Decode(Json(), ContentTypes.Protobuf));
        Assert.Equal(RejectReason.UnknownFormat, Decode(Protobuf(), ContentTypes.Json));
    }

    [Fact]
    public void An_unknown_content_type_is_rejected_by_name()
    {
        Assert.Equal(RejectReason.UnknownFormat, Decode(Json(), "avro/binary"));
        Assert.Equal("Header 'content-type' is 'avro/binary': it must be application/json or application/x-protobuf", _decoder.LastDetail);
    }

    [Fact]
    public void An_empty_value_is_rejected_with_any_header()
    {
        Assert.Equal(RejectReason.EmptyValue, Decode([]));
        Assert.Equal(RejectReason.EmptyValue, Decode([], ContentTypes.Protobuf));
        Assert.Equal(RejectReason.EmptyValue, Decode([], "avro/binary"));
    }

    [Theory]
    [InlineData("{ \"schema_version\":")]
    [InlineData(
        "{\"event_type\":\"gpu_metric_sample\",\"gpu\":{\"gpu_uuid\":\"GPU-265c9814-6156-355b-e589-ff2064894f16\"},\"schema_version\":"
    )]
    public void A_nested_event_is_recognized_in_any_order(string start) =>
        AssertRead(Encoding.UTF8.GetBytes(Event.Replace("{\"schema_version\":", start, StringComparison.Ordinal)));

    [Fact]
    public void A_rejected_sample_leaves_no_values_in_the_event_that_is_decoded_next()
    {
        var record =
            """{"v":1,"m":{"xid_errors":79},"schema_version":"1.0","event_type":"gpu_metric_sample","timestamp":1795435200"""
            + ""","gpu":{"gpu_uuid":"GPU-265c9814-6156-355b-e589-ff2064894f16"},"metrics":{"health":{"gpu_temp_c":61}}}""";

        Assert.False(AssertRead(Encoding.UTF8.GetBytes(record)).Has(Metric.XidErrors));
    }

    [Fact]
    public void The_error_text_of_each_codec_is_passed_on()
    {
        Assert.Equal(RejectReason.UnknownVersion, Decode("{\"v\":2}"u8.ToArray()));
        Assert.Contains("'v' is 2", _decoder.LastDetail, StringComparison.Ordinal);
        Assert.Equal(RejectReason.UnknownVersion, Decode("{\"schema_version\":\"2.0\"}"u8.ToArray()));
        Assert.Contains("'schema_version' is '2.0'", _decoder.LastDetail, StringComparison.Ordinal);
        Assert.Equal(RejectReason.UnknownVersion, Decode([0x08, 0x02]));
        Assert.Contains("'version' is 2", _decoder.LastDetail, StringComparison.Ordinal);
        Assert.Equal(RejectReason.MalformedProtobuf, Decode(Protobuf()[..20]));
        Assert.Contains("at byte", _decoder.LastDetail, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_metrics_of_all_formats_are_counted_together()
    {
        AssertRead(
            """{"v":1,"gpu":"GPU-265c9814-6156-355b-e589-ff2064894f16","ts":"2026-11-23T12:00:00Z","m":{"gpu_temp":61,"x":1}}"""u8.ToArray()
        );
        AssertRead(Encoding.UTF8.GetBytes(Event.Replace("\"gpu_temp_c\"", "\"new\":1,\"gpu_temp_c\"", StringComparison.Ordinal)));
        AssertRead([.. Protobuf(), 0x50, 0x01, 0x59, 0, 0, 0, 0, 0, 0, 0, 0]);

        Assert.Equal(3, _decoder.UnknownMetrics);
    }

    private GpuSample AssertRead(byte[] record, string header = "")
    {
        var sample = new GpuSample();
        var reason = _decoder.Decode(record, Encoding.UTF8.GetBytes(header), sample);
        Assert.True(reason == RejectReason.None, _decoder.LastDetail);
        Assert.Equal(Given.Gpu, sample.Gpu.Id.Value);
        Assert.Equal(Given.NoonMs, sample.TimeMs);
        Assert.Equal(61, sample[Metric.GpuTemp]);
        return sample;
    }

    private RejectReason Decode(byte[] record, string header = "") =>
        _decoder.Decode(record, Encoding.UTF8.GetBytes(header), new GpuSample());

    private byte[] Json() => Written(SampleEncoder.Write);

    private byte[] Protobuf() => Written(ProtobufSampleWriter.Write);

    private byte[] Written(Action<IBufferWriter<byte>, GpuSample> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        write(buffer, Given.Sample(_registry, (Metric.GpuTemp, 61)));
        return buffer.WrittenSpan.ToArray();
    }
}
