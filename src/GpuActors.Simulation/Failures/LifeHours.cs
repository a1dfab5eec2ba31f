namespace GpuActors.Simulation.Failures;

/// <summary>
/// The hourly values of one GPU over a range of hours, one column after the other. A buffer is filled anew for each GPU and grows only
/// when a longer range is asked for. Not thread-safe: use one per thread.
/// </summary>
public sealed class LifeHours
{
    /// <summary>Number of columns.</summary>
    public const int Columns = (int)HourColumn.NvlinkRecoveries + 1;

    private float[] _values = [];

    /// <summary>First hour of the range, since the start of the simulation.</summary>
    public int FirstHour { get; private set; }

    /// <summary>Number of hours.</summary>
    public int Count { get; private set; }

    /// <summary>Values of a column, one per hour.</summary>
    public ReadOnlySpan<float> this[HourColumn column] => Column(column);

    internal void Prepare(int firstHour, int count)
    {
        (FirstHour, Count) = (firstHour, count);
        if (_values.Length < count * Columns)
        {
            _values = new float[count * Columns];
        }
    }

    internal Span<float> Column(HourColumn column) => _values.AsSpan((int)column * Count, Count);
}
