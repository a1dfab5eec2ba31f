using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using GpuActors.Core.Codecs.Protobuf;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;
using static GpuActors.Core.Tests.Codecs.Protobuf.ProtobufSamples;
using Wire = Gpuactors.V1;

namespace GpuActors.Core.Tests.Codecs.Protobuf;

/// <summary>
/// The hand-written reader and writer, compared with each other and with the code that Google's compiler generates from
/// <c>sample.proto</c>.
/// </summary>
public sealed class ProtobufSampleTests
{
    private readonly GpuRegistry _registry = new();

    [Fact]
    public void What_is_written_is_read_back_to_the_last_bit() =>
        Prop.ForAll(
                PlausibleSamples.Values,
                Infos,
                Counts,
                (values, info, xids) =>
                {
                    var sample = Sample(_registry, values, info, xids);

                    AssertSame(sample, Read(Encode(sample)));
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Google_reads_the_writers_records_and_writes_the_same_bytes() =>
        Prop.ForAll(
                PlausibleSamples.Values,
                Infos,
                Counts,
                (values, info, xids) =>
                {
                    var sample = Sample(_registry, values, info, xids);
                    var bytes = Encode(sample);

                    Assert.Equal(Message(sample), Wire.Sample.Parser.ParseFrom(bytes));
                    Assert.Equal(Message(sample).ToByteArray(), bytes);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void The_reader_reads_records_written_by_google() =>
        Prop.ForAll(
                PlausibleSamples.Values,
                Infos,
                Counts,
                (values, info, xids) =>
                {
                    var sample = Sample(_registry, values, info, xids);

                    AssertSame(sample, Read(Message(sample).ToByteArray()));
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Damaged_records_are_rejected_or_read_as_by_google() =>
        Prop.ForAll(
                PlausibleSamples.Values,
                Infos,
                Gen.Choose(0, int.MaxValue).ToArbitrary(),
                (values, info, seed) =>
                {
                    var record = Encode(Sample(_registry, values, info, [new(79, 1), new(48, 3)]));
                    var warm = new ProtobufSampleReader(_registry);
                    _ = warm.Read(record, new GpuSample());
                    var random = new Random(seed);
                    for (var i = 0; i < 20; i++)
                    {
                        var mutated = Mutations.Of(record, random);
                        GpuSample byWarm = new(),
                            byCold = new();
                        var reason = new ProtobufSampleReader(_registry).Read(mutated, byCold);

                        Assert.Equal(reason, warm.Read(mutated, byWarm));
                        if (reason == RejectReason.None)
                        {
                            AssertSame(byCold, byWarm);
                            AssertSame(FromGoogle(Wire.Sample.Parser.ParseFrom(mutated)), byCold);
                        }
                    }
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Order_packing_and_unknown_fields_do_not_change_the_result()
    {
        var sample = Given.Sample(_registry, (Metric.GpuTemp, 61), (Metric.PowerUsage, 412.7));
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream))
        {
            WriteDouble(output, 11, 61);
            WriteUInt32(output, 10, 150);
            output.WriteTag(90, WireFormat.WireType.StartGroup);
            output.WriteTag(91, WireFormat.WireType.StartGroup);
            WriteDouble(output, 1, 1);
            output.WriteTag(91, WireFormat.WireType.EndGroup);
            output.WriteTag(90, WireFormat.WireType.EndGroup);
            WriteText(output, 8, Given.Info.Driver);
            WriteText(output, 7, Given.Info.Model);
            WriteText(output, 500, "of a later version");
            WriteText(output, 6, Given.Info.PciBusId);
            output.WriteTag(5, WireFormat.WireType.Varint);
            output.WriteInt32(Given.Info.Index);
            WriteUInt32(output, 10, 155);
            output.WriteTag(501, WireFormat.WireType.Fixed32);
            output.WriteFixed32(7);
            WriteText(output, 4, Given.Info.Host);
            output.WriteTag(3, WireFormat.WireType.Varint);
            output.WriteInt64(Given.NoonMs);
            WriteText(output, 2, Given.Gpu);
            WriteUInt32(output, 1, 1);
            WriteDouble(output, 11, 412.7);
        }

        AssertSame(sample, Read(stream.ToArray()));
    }

    [Fact]
    public void An_unknown_field_id_is_counted_and_ignored()
    {
        var message = Message(Given.Sample(_registry, (Metric.GpuTemp, 61)));
        message.FieldIds.Insert(0, 4_000_000_000);
        message.Values.Insert(0, 7);
        message.FieldIds.Add(999);
        message.Values.Add(8);
        var reader = new ProtobufSampleReader(_registry);
        var read = new GpuSample();

        Assert.Equal(RejectReason.None, reader.Read(message.ToByteArray(), read));
        Assert.Equal(2, reader.UnknownMetrics);
        AssertSame(Given.Sample(_registry, (Metric.GpuTemp, 61)), read);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(-62_135_596_800_000)]
    [InlineData(253_402_300_799_999)]
    public void Any_time_of_the_years_1_to_9999_is_written_and_read(long timeMs)
    {
        var sample = Given.Sample(_registry, (Metric.GpuTemp, 61));
        sample.TimeMs = timeMs;

        AssertSame(sample, Read(Encode(sample)));
        AssertSame(sample, Read(Message(sample).ToByteArray()));
    }

    [Fact]
    public void A_changed_host_index_or_workload_takes_effect_at_once()
    {
        var reader = new ProtobufSampleReader(_registry);
        var sample = Given.Sample(_registry, (Metric.GpuTemp, 61));
        foreach (
            var info in new[]
            {
                Given.Info,
                Given.Info with
                {
                    Host = "other",
                },
                Given.Info with
                {
                    Index = 0,
                },
                Given.Info with
                {
                    Workload = new("a", "b", "c"),
                },
                Given.Info with
                {
                    Workload = new("a", "b", ""),
                },
                Given.Info,
            }
        )
        {
            sample.Info = info;
            var read = new GpuSample();

            Assert.Equal(RejectReason.None, reader.Read(Encode(sample), read));
            Assert.Equal(info, read.Info);
        }
    }

    [Fact]
    public void A_gpu_whose_properties_do_not_change_causes_no_allocation()
    {
        var sample = Given.Sample(_registry, (Metric.GpuTemp, 61), (Metric.XidErrors, 79));
        sample.Info = Given.Info with { Workload = new("ml", "train-0", "main") };
        var whole = Encode(sample);
        sample[Metric.XidErrors] = double.NaN;
        byte[][] records = [whole, Encode(sample)];
        var reader = new ProtobufSampleReader(_registry);
        var read = new GpuSample();
        void Both(int times)
        {
            for (var i = 0; i < times; i++)
            {
                read.Clear();
                _ = reader.Read(records[i % 2], read);
            }
        }

        Both(10);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Both(1000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private GpuSample Read(byte[] record)
    {
        var reader = new ProtobufSampleReader(_registry);
        var read = new GpuSample();
        var reason = reader.Read(record, read);
        Assert.True(reason == RejectReason.None, reader.LastDetail);
        return read;
    }

    private GpuSample FromGoogle(Wire.Sample message)
    {
        var sample = new GpuSample
        {
            Gpu = _registry.Intern(GpuId.Parse(message.Gpu)),
            TimeMs = message.TimeUnixMs,
            Info = new GpuInfo(
                message.Host,
                message.HasIndex ? Math.Max(-1, message.Index) : -1,
                message.PciBusId,
                message.Model,
                message.Driver
            )
            {
                Workload = message.Workload is { } w ? new Workload(w.Namespace, w.Pod, w.Container) : null,
            },
        };
        foreach (var (id, value) in message.FieldIds.Zip(message.Values))
        {
            if (MetricCatalog.All.FirstOrDefault(m => m.DcgmFieldId == id) is { } metric)
            {
                sample[metric.Metric] = value;
            }
        }

        foreach (
            var xid in message
                .XidCounts.Where(x => x.Code is > 0 and <= int.MaxValue && x.Count is > 0 and <= int.MaxValue)
                .DistinctBy(x => x.Code)
        )
        {
            sample.AddXidCount(new XidCount((int)xid.Code, (int)xid.Count));
        }

        return sample;
    }

    private static void WriteUInt32(CodedOutputStream output, int field, uint value)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteUInt32(value);
    }

    private static void WriteDouble(CodedOutputStream output, int field, double value)
    {
        output.WriteTag(field, WireFormat.WireType.Fixed64);
        output.WriteDouble(value);
    }

    private static void WriteText(CodedOutputStream output, int field, string value)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteString(value);
    }
}
