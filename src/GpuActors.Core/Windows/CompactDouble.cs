namespace GpuActors.Core.Windows;

/// <summary>
/// A double in as few bytes as bring it back to the last bit. What exporters show are whole numbers, thousandths or millionths, so that
/// most take 1 to 5 instead of 8.
/// </summary>
internal static class CompactDouble
{
    private const long Whole = 0,
        Thousandths = 1,
        Millionths = 2,
        Raw = 3;
    private const int TagBits = 2;
    private const double Limit = 1L << 52;

    public static void Write(BinaryWriter writer, double value)
    {
        if (!TryWrite(writer, value, 1, Whole) && !TryWrite(writer, value, 1e3, Thousandths) && !TryWrite(writer, value, 1e6, Millionths))
        {
            writer.Write7BitEncodedInt64(Raw);
            writer.Write(value);
        }
    }

    public static double Read(BinaryReader reader)
    {
        var tagged = reader.Read7BitEncodedInt64();
        var number = tagged >> TagBits;
        double units = (number >> 1) ^ -(number & 1);
        return (tagged & Raw) switch
        {
            Whole => units,
            Thousandths => units / 1e3,
            Millionths => units / 1e6,
            _ => reader.ReadDouble(),
        };
    }

    // Zigzag: the sign is the lowest bit, so that small negative numbers are short too. Minus zero and NaN fail the comparison of bits.
    private static bool TryWrite(BinaryWriter writer, double value, double scale, long tag)
    {
        var units = Math.Round(value * scale);
        if (!(Math.Abs(units) < Limit))
        {
            return false;
        }

        var number = (long)units;
        if (BitConverter.DoubleToInt64Bits(number / scale) != BitConverter.DoubleToInt64Bits(value))
        {
            return false;
        }

        writer.Write7BitEncodedInt64((((number << 1) ^ (number >> 63)) << TagBits) | tag);
        return true;
    }
}
