using GpuActors.Core.Metrics;

namespace GpuActors.Core.Windows;

/// <summary>
/// Packs the buckets of one metric at the resolution of the catalogue. A gauge keeps least, greatest and last value as steps of its
/// resolution within its plausible range, and mean and deviation as shares of the span between least and greatest. A counter keeps the sum
/// of its increases exactly, and the rest as <see cref="SmallFloat"/>.
/// </summary>
internal sealed class BucketScale
{
    /// <summary>Most values that a packed bucket counts: 36 a second over an hour. A larger count is packed as this one.</summary>
    public const int MaxCount = (1 << CountBits) - 1;

    private const int CountBits = 17,
        StepBits = 23,
        MeanBits = 22,
        DeviationBits = 20,
        SumBits = 53;
    private const double MostSteps = (1 << StepBits) - 1,
        MeanSteps = 1 << (MeanBits - 1),
        DeviationSteps = 1 << (DeviationBits - 1),
        LargestSum = (1L << SumBits) - 1;

    private readonly bool _isCounter;
    private readonly double _min;
    private readonly double _max;
    private readonly double _stepsPerUnit;

    /// <summary>The scale of a gauge or counter.</summary>
    public BucketScale(MetricDefinition metric)
    {
        _isCounter = metric.Kind == MetricKind.Counter;
        _min = metric.Min;
        _max = metric.Max;
        // A metric whose range has more steps than fit is kept in larger ones.
        _stepsPerUnit = Math.Min(Math.Round(1 / metric.Resolution), MostSteps / (metric.Max - metric.Min));
    }

    /// <summary>Rounds a bucket to 16 bytes. Gauges outside the plausible range are moved to its nearest end.</summary>
    public PackedBucket Pack(in Bucket bucket)
    {
        if (bucket.Count == 0)
        {
            return default;
        }

        var bits = new BitWriter();
        bits.Write((ulong)Math.Min(bucket.Count, MaxCount), CountBits);
        if (_isCounter)
        {
            bits.Write((ulong)Math.Round(Math.Clamp(bucket.Sum, 0, LargestSum)), SumBits);
            bits.Write(SmallFloat.Encode(bucket.Min), SmallFloat.Bits);
            bits.Write(SmallFloat.Encode(bucket.Max), SmallFloat.Bits);
            bits.Write(SmallFloat.Encode(bucket.Last), SmallFloat.Bits);
            bits.Write(SmallFloat.Encode(bucket.StandardDeviation), SmallFloat.Bits);
            return bits.Result;
        }

        var (least, greatest) = (Steps(bucket.Min), Steps(bucket.Max));
        var span = Value(greatest) - Value(least);
        bits.Write(least, StepBits);
        bits.Write(greatest, StepBits);
        bits.Write(Steps(bucket.Last), StepBits);
        bits.Write(Share(bucket.Mean - Value(least), span, MeanSteps), MeanBits);
        // A deviation is at most half the span.
        bits.Write(Share(bucket.StandardDeviation, span / 2, DeviationSteps), DeviationBits);
        return bits.Result;
    }

    /// <summary>The statistics that a packed bucket holds.</summary>
    public Bucket Unpack(PackedBucket packed)
    {
        if (packed.IsEmpty)
        {
            return default;
        }

        var bits = new BitReader(packed);
        var count = (int)bits.Read(CountBits);
        if (_isCounter)
        {
            double sum = bits.Read(SumBits);
            var (min, max, final) = (Small(ref bits), Small(ref bits), Small(ref bits));
            return Bucket.Of(count, sum, Small(ref bits), min, max, final);
        }

        var (least, greatest, last) = (Value(bits.Read(StepBits)), Value(bits.Read(StepBits)), Value(bits.Read(StepBits)));
        var mean = least + ((greatest - least) * (bits.Read(MeanBits) / MeanSteps));
        var deviation = (greatest - least) / 2 * (bits.Read(DeviationBits) / DeviationSteps);
        return Bucket.Of(count, mean * count, deviation, least, greatest, last);
    }

    private static double Small(ref BitReader bits) => SmallFloat.Decode((uint)bits.Read(SmallFloat.Bits));

    private static ulong Share(double part, double whole, double steps) =>
        whole > 0 ? (ulong)Math.Round(Math.Clamp(part / whole, 0, 1) * steps) : 0;

    private ulong Steps(double value) => (ulong)Math.Round((Math.Clamp(value, _min, _max) - _min) * _stepsPerUnit);

    // A division by the number of steps in a unit gives the very double that the exporter's decimal digits mean.
    private double Value(ulong steps) => _min + (steps / _stepsPerUnit);

    private ref struct BitWriter
    {
        private UInt128 _bits;
        private int _at;

        public readonly PackedBucket Result => new((ulong)_bits, (ulong)(_bits >> 64));

        public void Write(ulong value, int bits)
        {
            _bits |= (UInt128)value << _at;
            _at += bits;
        }
    }

    private ref struct BitReader(PackedBucket packed)
    {
        private UInt128 _bits = new(packed.High, packed.Low);

        public ulong Read(int bits)
        {
            var value = (ulong)_bits & ((1UL << bits) - 1);
            _bits >>= bits;
            return value;
        }
    }
}
