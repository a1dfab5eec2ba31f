using GpuActors.Core.Codecs;
using GpuActors.Core.Codecs.Protobuf;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;
using GpuActors.Core.Validation;

namespace GpuActors.Fuzzing;

/// <summary>Invariants of every sample, regardless of its format.</summary>
internal static class SampleInvariants
{
    private static readonly long[] StrangeTimes = [0, -1, long.MinValue, long.MaxValue, Given.NoonMs];

    /// <summary>
    /// Validates the sample, occasionally with an extreme append time, writes it in both formats and reads it again.
    /// </summary>
    public static RejectReason Check(GpuSample sample, SampleValidator validator, Random random, Action<bool, string> require)
    {
        require(sample.Info is not null, "no info");
        var reason = validator.Validate(sample, random.Next(8) == 0 ? StrangeTimes[random.Next(StrangeTimes.Length)] : sample.TimeMs);
        if (reason != RejectReason.None)
        {
            require(validator.LastDetail.Length > 0, "a reject of the validator without words");
            return reason;
        }

        foreach (var metric in MetricCatalog.All)
        {
            var value = sample[metric.Metric];
            require(double.IsNaN(value) || (value >= metric.Min && value <= metric.Max), $"{metric.Name} is {value:R} after validation");
        }

        if (random.Next(16) == 0)
        {
            ReadBack(sample, require);
        }

        return reason;
    }

    /// <summary>Throws unless both samples are equal.</summary>
    public static void AreSame(GpuSample one, GpuSample other, Action<bool, string> require)
    {
        require(
            one.Gpu.Id == other.Gpu.Id && one.TimeMs == other.TimeMs && one.Info == other.Info,
            $"{one.Gpu} {one.TimeMs} {one.Info} differs from {other.Gpu} {other.TimeMs} {other.Info}"
        );
        require(one.XidCounts.SequenceEqual(other.XidCounts), "the XID counts differ");
        foreach (var metric in MetricCatalog.All)
        {
            require(
                one[metric.Metric].Equals(other[metric.Metric]),
                $"{metric.Name} is {one[metric.Metric]:R} in one sample and {other[metric.Metric]:R} in the other"
            );
        }
    }

    private static void ReadBack(GpuSample sample, Action<bool, string> require)
    {
        var decoder = new RecordDecoder(new GpuRegistry());
        var read = new GpuSample();
        var reason = decoder.Decode(FuzzSamples.Encode(sample, ProtobufSampleWriter.Write), default, read);
        require(reason == RejectReason.None, $"the sample was written as Protobuf and rejected: {decoder.LastDetail}");
        AreSame(sample, read, require);
        read.Clear();
        reason = decoder.Decode(FuzzSamples.Encode(sample, SampleEncoder.Write), default, read);
        require(reason == RejectReason.None, $"the sample was written as JSON and rejected: {decoder.LastDetail}");
        require(
            read.Gpu.Id == sample.Gpu.Id && read.TimeMs == sample.TimeMs && read.Values.SequenceEqual(sample.Values),
            "JSON reads back as another sample"
        );
    }
}
