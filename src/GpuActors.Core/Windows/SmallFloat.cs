namespace GpuActors.Core.Windows;

/// <summary>
/// A number of at least 0 in 14 bits: 6 bits of exponent and 8 of mantissa. Integers up to 511 are exact; up to 3.6e16 the relative error
/// is at most 1/512.
/// </summary>
internal static class SmallFloat
{
    public const int Bits = 14;

    private const int MantissaBits = 8,
        LeastExponent = -8;
    private const uint Largest = (1u << Bits) - 1;

    public static uint Encode(double value)
    {
        if (!(value > 0))
        {
            return 0;
        }

        // A mantissa that is rounded up to the next power of two carries into the exponent, which is the right result.
        var exponent = Math.Max(Math.ILogB(value), LeastExponent);
        var mantissa = Math.Round(Math.ScaleB(value, MantissaBits - exponent));
        return (uint)Math.Min(((double)(exponent - LeastExponent) * (1 << MantissaBits)) + mantissa, Largest);
    }

    public static double Decode(uint bits)
    {
        var exponent = (int)(bits >> MantissaBits);
        var mantissa = bits & ((1u << MantissaBits) - 1);
        // Exponent 0 stands for the numbers below 2^-8, which have no leading one.
        return exponent == 0
            ? Math.ScaleB(mantissa, LeastExponent - MantissaBits)
            : Math.ScaleB((1u << MantissaBits) + mantissa, exponent - 1 + LeastExponent - MantissaBits);
    }
}
