namespace GpuActors.Core.Windows;

/// <summary>
/// A set of row numbers, each modulo 192: exact for the rows of a week of hours or of an hour of minutes, which are fewer. A number that
/// has left the window may stand for a later one, which then is written once more than it has to be.
/// </summary>
internal struct RowMarks
{
    private const int Bits = 192;
    private ulong _low,
        _middle,
        _high;

    /// <summary>Adds a number.</summary>
    public void Add(long number) => Word((int)(number % Bits)) |= 1UL << (int)(number % 64);

    /// <summary>Adds all numbers of another set.</summary>
    public void Add(in RowMarks other)
    {
        _low |= other._low;
        _middle |= other._middle;
        _high |= other._high;
    }

    /// <summary>Whether a number was added.</summary>
    public bool Has(long number) => (Word((int)(number % Bits)) & (1UL << (int)(number % 64))) != 0;

    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    private ref ulong Word(int bit) => ref bit < 64 ? ref _low : ref bit < 128 ? ref _middle : ref _high;
}
