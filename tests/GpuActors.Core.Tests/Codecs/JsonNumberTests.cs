using System.Globalization;
using System.Text;
using FsCheck.Xunit;
using GpuActors.Core.Codecs;

namespace GpuActors.Core.Tests.Codecs;

public sealed class JsonNumberTests
{
    [Property(MaxTest = 2000)]
    public void Parsed_numbers_are_the_nearest_double(long mantissa, byte scale)
    {
        var text = (mantissa / Math.Pow(10, scale % 8)).ToString("F" + (scale % 8), CultureInfo.InvariantCulture);
        var read = JsonNumber.Read(Encoding.ASCII.GetBytes(text + ","), out var value);
        Assert.True(
            read == 0 || (read == text.Length && value.Equals(double.Parse(text, CultureInfo.InvariantCulture))),
            $"{text}: {read} bytes, {value:R}"
        );
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0", -0.0)]
    [InlineData("61", 61)]
    [InlineData("0.990000", 0.99)]
    [InlineData("-12.5", -12.5)]
    [InlineData("999999999999999", 999999999999999)]
    [InlineData("0.00000000000001", 1e-14)]
    public void Numbers_as_exporters_print_them(string text, double value)
    {
        Assert.Equal(text.Length, JsonNumber.Read(Encoding.ASCII.GetBytes(text), out var read));
        Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(read));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData("01")]
    [InlineData("1e3")]
    [InlineData("1.5E-7")]
    [InlineData("NaN")]
    [InlineData("null")]
    [InlineData("1000000000000000")]
    [InlineData("0.1234567890123456")]
    [InlineData("99999999999999999999999999")]
    public void Numbers_that_can_not_be_parsed_exactly_are_left_to_the_general_reader(string text) =>
        Assert.Equal(0, JsonNumber.Read(Encoding.ASCII.GetBytes(text), out _));
}
