using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using GpuActors.Core.Codecs;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Tests.Codecs;

/// <summary>Encoder and decoder of JSON samples: both paths of the decoder read what the encoder writes.</summary>
public sealed class SampleCodecTests
{
    private readonly GpuRegistry _registry = new();

    [Fact]
    public void What_is_written_is_read_back_to_the_last_bit() =>
        Prop.ForAll(
                PlausibleSamples.Values,
                values =>
                {
                    var decoder = new SampleDecoder(_registry);
                    var sample = Sample(values);
                    var record = Encode(sample);

                    var read = new GpuSample();
                    Assert.Equal(RejectReason.None, decoder.Decode(record, read));
                    AssertSame(sample, read);

                    // The second record with this layout takes the fast path.
                    read.Clear();
                    Assert.Equal(RejectReason.None, decoder.Decode(record, read));
                    AssertSame(sample, read);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void A_record_of_the_contract_looks_like_this() =>
        Assert.Equal(
            """{"v":1,"gpu":"GPU-265c9814-6156-355b-e589-ff2064894f16","ts":"2026-11-23T12:00:00.000Z","host":"node-0017","index":3"""
                + ""","pci":"00000000:5d:00.0","model":"NVIDIA H100 80GB HBM3","driver":"550.127.08","m":{"gpu_temp":61"""
                + ""","power_usage":412.7,"throttle_reasons":128,"sm_active":0.99}}""",
            Encoding.UTF8.GetString(
                Encode(
                    Given.Sample(
                        _registry,
                        (Metric.GpuTemp, 61),
                        (Metric.PowerUsage, 412.7),
                        (Metric.ThrottleReasons, 0x80),
                        (Metric.SmActive, 0.99)
                    )
                )
            )
        );

    [Fact]
    public void The_collectors_own_records_take_the_fast_path_after_the_first()
    {
        var decoder = new SampleDecoder(_registry);
        var sample = Given.Sample(_registry, (Metric.GpuTemp, 61), (Metric.XidErrors, 0));
        for (var second = 0; second < 100; second++)
        {
            sample.TimeMs = Given.NoonMs + (second * 1000);
            var read = new GpuSample();
            Assert.Equal(RejectReason.None, decoder.Decode(Encode(sample), read));
            AssertSame(sample, read);
        }

        Assert.Equal((99, 1), (decoder.FastRecords, decoder.GeneralRecords));
    }

    [Fact]
    public void A_changed_host_or_driver_takes_effect_at_once()
    {
        var decoder = new SampleDecoder(_registry);
        var sample = Given.Sample(_registry, (Metric.GpuTemp, 61));
        _ = decoder.Decode(Encode(sample), new GpuSample());
        sample.Info = sample.Info with { Driver = "570.00.00" };
        var read = new GpuSample();

        Assert.Equal(RejectReason.None, decoder.Decode(Encode(sample), read));
        Assert.Equal("570.00.00", read.Info.Driver);
    }

    [Fact]
    public void Order_white_space_and_unknown_members_change_nothing() =>
        Prop.ForAll(
                PlausibleSamples.Values,
                Gen.Choose(0, int.MaxValue).ToArbitrary(),
                (values, seed) =>
                {
                    var sample = Sample(values);
                    var json = JsonNode.Parse(Encode(sample))!.AsObject();
                    var random = new Random(seed);
                    var shuffled = new JsonObject(Shuffle(json, random).Append(new("comment", new JsonObject { ["gpu"] = 5 })));
                    shuffled["m"] = new JsonObject(
                        Shuffle(json["m"]!.AsObject(), random).Append(new("new_metric", 7)).Append(new("other", null))
                    );

                    var decoder = new SampleDecoder(_registry);
                    var read = new GpuSample();
                    var reason = decoder.Decode(
                        Encoding.UTF8.GetBytes(shuffled.ToJsonString(new JsonSerializerOptions { WriteIndented = true })),
                        read
                    );

                    Assert.True(reason == RejectReason.None, decoder.LastDetail);
                    AssertSame(sample, read);
                    Assert.Equal(2, decoder.UnknownMetrics);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void Both_paths_agree_on_every_mutation_of_a_record() =>
        Prop.ForAll(
                PlausibleSamples.Values,
                Gen.Choose(0, int.MaxValue).ToArbitrary(),
                (values, seed) =>
                {
                    var record = Encode(Sample(values));
                    var warm = new SampleDecoder(_registry);
                    _ = warm.Decode(record, new GpuSample());
                    var random = new Random(seed);
                    for (var i = 0; i < 20; i++)
                    {
                        var mutated = Mutations.Of(record, random);
                        var cold = new SampleDecoder(_registry);
                        GpuSample byWarm = new(),
                            byCold = new();
                        var expected = cold.Decode(mutated, byCold);

                        Assert.True(expected == warm.Decode(mutated, byWarm), Encoding.UTF8.GetString(mutated));
                        if (expected == RejectReason.None)
                        {
                            AssertSame(byCold, byWarm);
                        }
                    }
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Theory]
    [InlineData("{\"79\":2,\"0\":9,\"-1\":1,\"x\":1,\"31\":0}", RejectReason.None, 1)]
    [InlineData("{\"79\":2,\"79\":3}", RejectReason.None, 1)]
    [InlineData("{}", RejectReason.None, 0)]
    [InlineData("null", RejectReason.None, 0)]
    [InlineData("[79]", RejectReason.WrongType, 0)]
    [InlineData("{\"79\":\"2\"}", RejectReason.WrongType, 0)]
    [InlineData("{\"79\":{\"n\":[2]}}", RejectReason.WrongType, 0)]
    [InlineData("{\"79\":2.5}", RejectReason.WrongType, 0)]
    public void Xid_counts_of_other_producers(string xids, RejectReason reason, int counts)
    {
        var read = new GpuSample();
        var text = $$$"""{"v":1,"xids":{{{xids}}},"gpu":"g","mig":{"any":[1]},"ts":"2026-11-23T12:00:00Z","m":{"gpu_temp":61}}""";

        Assert.Equal(reason, new SampleDecoder(_registry).Decode(Encoding.UTF8.GetBytes(text), read));
        Assert.True(reason != RejectReason.None || (read.XidCounts.Length == counts && read[Metric.GpuTemp] == 61));
    }

    [Fact]
    public void A_null_metric_is_missing()
    {
        var read = new GpuSample();
        Assert.Equal(
            RejectReason.None,
            new SampleDecoder(_registry).Decode(
                """{"v":1,"gpu":"g","ts":"2026-11-23T12:00:00Z","m":{"gpu_temp":null,"xid_errors":79}}"""u8,
                read
            )
        );
        Assert.Null(read.Get(Metric.GpuTemp));
        Assert.Equal(79, read[Metric.XidErrors]);
        Assert.Equal(GpuInfo.Unknown, read.Info);
    }

    private static KeyValuePair<string, JsonNode?>[] Shuffle(JsonObject json, Random random)
    {
        var members = json.Select(m => new KeyValuePair<string, JsonNode?>(m.Key, m.Value?.DeepClone())).ToArray();
        random.Shuffle(members);
        return members;
    }

    private GpuSample Sample(double[] values)
    {
        var sample = Given.Sample(_registry);
        values.CopyTo(sample.Values);
        return sample;
    }

    private static byte[] Encode(GpuSample sample)
    {
        var buffer = new ArrayBufferWriter<byte>();
        SampleEncoder.Write(buffer, sample);
        return buffer.WrittenSpan.ToArray();
    }

    private static void AssertSame(GpuSample expected, GpuSample actual)
    {
        Assert.Same(expected.Gpu, actual.Gpu);
        Assert.Equal(expected.Info, actual.Info);
        Assert.Equal(expected.TimeMs, actual.TimeMs);
        Assert.Equal(
            expected.Values.ToArray().Select(BitConverter.DoubleToInt64Bits),
            actual.Values.ToArray().Select(BitConverter.DoubleToInt64Bits)
        );
    }
}
