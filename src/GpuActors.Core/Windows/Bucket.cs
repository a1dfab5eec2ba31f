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

    /// <summary>Arithmetic mean; NaN in an empty bucket.</summary>
    public readonly double Mean => Count == 0 ? double.NaN : Sum / Count;

    /// <summary>Population standard deviation, not below 0; NaN in an empty bucket.</summary>
    public readonly double StandardDeviation => Count == 0 ? double.NaN : Math.Sqrt(Math.Max(0, (SumOfSquares / Count) - (Mean * Mean)));

    /// <summary>Takes a value, which must not be NaN.</summary>
    public void Add(double value)
    {
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

    /// <summary>Takes all values of another bucket.</summary>
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
    }

    /// <inheritdoc/>
    public readonly bool Equals(Bucket other) =>
        Count == other.Count
        && Sum.Equals(other.Sum)
        && SumOfSquares.Equals(other.SumOfSquares)
        && Min.Equals(other.Min)
        && Max.Equals(other.Max);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is Bucket other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => HashCode.Combine(Count, Sum, SumOfSquares, Min, Max);

    /// <summary>Same values.</summary>
    public static bool operator ==(Bucket left, Bucket right) => left.Equals(right);

    /// <summary>Other values.</summary>
    public static bool operator !=(Bucket left, Bucket right) => !left.Equals(right);

    internal readonly void Save(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(Count);
        CompactDouble.Write(writer, Sum);
        CompactDouble.Write(writer, SumOfSquares);
        CompactDouble.Write(writer, Min);
        CompactDouble.Write(writer, Max);
    }

    internal static Bucket Load(BinaryReader reader) =>
        new()
        {
            Count = reader.Read7BitEncodedInt(),
            Sum = CompactDouble.Read(reader),
            SumOfSquares = CompactDouble.Read(reader),
            Min = CompactDouble.Read(reader),
            Max = CompactDouble.Read(reader),
        };
}
