namespace GpuActors.Core.Windows;

/// <summary>Statistics of the values that fell into one span of time. <c>default</c> is the empty bucket.</summary>
public struct Bucket : IEquatable<Bucket>
{
    /// <summary>Number of values.</summary>
    public int Count { get; private set; }

    /// <summary>Their sum.</summary>
    public double Sum { get; private set; }

    /// <summary>The sum of their squares.</summary>
    public double SumOfSquares { get; private set; }

    /// <summary>The smallest; 0 in an empty bucket.</summary>
    public double Min { get; private set; }

    /// <summary>The largest; 0 in an empty bucket.</summary>
    public double Max { get; private set; }

    /// <summary>The newest by sample time; 0 in an empty bucket.</summary>
    public double Last { get; private set; }

    /// <summary>Arithmetic mean; NaN in an empty bucket.</summary>
    public readonly double Mean => Count == 0 ? double.NaN : Sum / Count;

    /// <summary>Population standard deviation, not below 0; NaN in an empty bucket.</summary>
    public readonly double StandardDeviation => Count == 0 ? double.NaN : Math.Sqrt(Math.Max(0, (SumOfSquares / Count) - (Mean * Mean)));

    /// <summary>Takes a value, which must not be NaN and becomes <see cref="Last"/>.</summary>
    public void Add(double value)
    {
        Last = value;
        if (Count++ == 0)
        {
            Min = Max = value;
        }
        else
        {
            Min = value < Min ? value : Min;
            Max = value > Max ? value : Max;
        }

        Sum += value;
        SumOfSquares += value * value;
    }

    /// <summary>Takes a value that is older than <see cref="Last"/>. It must not be NaN.</summary>
    public void AddEarlier(double value)
    {
        var last = Count == 0 ? value : Last;
        Add(value);
        Last = last;
    }

    /// <summary>Takes all values of another bucket, which are newer than those that are in this one.</summary>
    public void Add(in Bucket other)
    {
        if (other.Count == 0)
        {
            return;
        }

        Min = Count == 0 ? other.Min : Math.Min(Min, other.Min);
        Max = Count == 0 ? other.Max : Math.Max(Max, other.Max);
        Count += other.Count;
        Sum += other.Sum;
        SumOfSquares += other.SumOfSquares;
        Last = other.Last;
    }

    /// <inheritdoc/>
    public readonly bool Equals(Bucket other) =>
        Count == other.Count
        && Sum.Equals(other.Sum)
        && SumOfSquares.Equals(other.SumOfSquares)
        && Min.Equals(other.Min)
        && Max.Equals(other.Max)
        && Last.Equals(other.Last);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is Bucket other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => HashCode.Combine(Count, Sum, SumOfSquares, Min, Max, Last);

    /// <summary>Same values.</summary>
    public static bool operator ==(Bucket left, Bucket right) => left.Equals(right);

    /// <summary>Other values.</summary>
    public static bool operator !=(Bucket left, Bucket right) => !left.Equals(right);

    /// <summary>A bucket with the given statistics; <paramref name="count"/> is above 0.</summary>
    internal static Bucket Of(int count, double sum, double deviation, double min, double max, double last)
    {
        var mean = sum / count;
        return new()
        {
            Count = count,
            Sum = sum,
            SumOfSquares = count * ((deviation * deviation) + (mean * mean)),
            Min = min,
            Max = max,
            Last = last,
        };
    }

    internal readonly void Save(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(Count);
        if (Count > 0)
        {
            CompactDouble.Write(writer, Sum);
            CompactDouble.Write(writer, SumOfSquares);
            CompactDouble.Write(writer, Min);
            CompactDouble.Write(writer, Max);
            CompactDouble.Write(writer, Last);
        }
    }

    internal static Bucket Load(BinaryReader reader)
    {
        var count = reader.Read7BitEncodedInt();
        return count == 0
            ? default
            : new()
            {
                Count = count,
                Sum = CompactDouble.Read(reader),
                SumOfSquares = CompactDouble.Read(reader),
                Min = CompactDouble.Read(reader),
                Max = CompactDouble.Read(reader),
                Last = CompactDouble.Read(reader),
            };
    }
}
