using FsCheck;
using FsCheck.Fluent;
using GpuActors.Core.Windows;

namespace GpuActors.Core.Tests.Windows;

public sealed class CompactDoubleTests
{
    private static readonly Config Often = Config.QuickThrowOnFailure.WithMaxTest(2000);

    [Fact]
    public void Every_double_comes_back_to_the_last_bit() => Prop.ForAll<double>(ComesBack).Check(Often);

    // Subnormal numbers, NaNs with something in them, the largest.
    [Fact]
    public void Whatever_bits_there_are_come_back() =>
        Prop.ForAll<long>(bits => ComesBack(BitConverter.Int64BitsToDouble(bits * 0x9e3779b97f4a7c1))).Check(Often);

    [Fact]
    public void Whole_numbers_thousandths_and_millionths_come_back() =>
        Prop.ForAll<long>(number => ComesBack(number) && ComesBack(number / 1e3) && ComesBack(number / 1e6)).Check(Often);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(-1, 1)]
    [InlineData(61, 2)]
    [InlineData(-61, 2)]
    [InlineData(305.8, 4)]
    [InlineData(0.437, 2)]
    [InlineData(0.437125, 4)]
    [InlineData(219_600, 3)]
    [InlineData(1.0 / 3, 9)]
    [InlineData(-0.0, 9)]
    [InlineData(double.NaN, 9)]
    [InlineData(double.PositiveInfinity, 9)]
    [InlineData(double.MaxValue, 9)]
    [InlineData(4503599627370496, 9)]
    [InlineData(4503599627370495, 8)]
    [InlineData(-4503599627370495, 8)]
    public void A_number_takes_as_many_bytes_as_it_has_to_say(double value, int bytes)
    {
        Assert.Equal(bytes, Write(value).Length);
        Assert.True(ComesBack(value));
    }

    private static bool ComesBack(double value)
    {
        using var reader = new BinaryReader(new MemoryStream(Write(value)));
        return BitConverter.DoubleToInt64Bits(CompactDouble.Read(reader)) == BitConverter.DoubleToInt64Bits(value)
            && reader.BaseStream.Position == reader.BaseStream.Length;
    }

    private static byte[] Write(double value)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        CompactDouble.Write(writer, value);
        writer.Flush();
        return buffer.ToArray();
    }
}
