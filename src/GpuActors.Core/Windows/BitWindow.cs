namespace GpuActors.Core.Windows;

/// <summary>
/// Whether a condition held, sample by sample, over the last minutes: for duty cycles. It is made when the condition is first seen and
/// bounded, so that GPUs that never meet it pay nothing; beyond the bound the oldest samples go first.
/// </summary>
public sealed class BitWindow
{
    private const int MostSamples = 1024;
    private readonly Queue<(long TimeMs, bool Set)> _samples = new();
    private long _newestMs = long.MinValue;

    /// <summary>Samples in the window.</summary>
    public int Count => _samples.Count;

    /// <summary>How many of them met the condition.</summary>
    public int Set { get; private set; }

    /// <summary>Share of samples that met the condition; 0 when empty.</summary>
    public double Duty => Count == 0 ? 0 : (double)Set / Count;

    /// <summary>Time between the oldest and the newest sample.</summary>
    public TimeSpan Covered => Count == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(_newestMs - _samples.Peek().TimeMs);

    /// <summary>Takes a sample. One that is older than the newest is passed over: duty is about now.</summary>
    /// <param name="timeMs">Its time, Unix milliseconds.</param>
    /// <param name="set">Whether it met the condition.</param>
    /// <param name="span">How far the window reaches back from here: the rule's, so that a changed setting holds for old samples
    /// too.</param>
    public void Add(long timeMs, bool set, TimeSpan span)
    {
        if (timeMs < _newestMs)
        {
            return;
        }

        Append(timeMs, set);
        var oldest = timeMs - (long)span.TotalMilliseconds;
        while (_samples.Count > MostSamples || _samples.Peek().TimeMs < oldest)
        {
            Set -= _samples.Dequeue().Set ? 1 : 0;
        }
    }

    // Times as steps from the one before, with the condition in the lowest bit: two bytes a sample at 1 Hz.
    internal void Save(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(_samples.Count);
        var before = 0L;
        foreach (var (time, set) in _samples)
        {
            writer.Write7BitEncodedInt64(((time - before) << 1) | (set ? 1L : 0));
            before = time;
        }
    }

    internal static BitWindow Load(BinaryReader reader)
    {
        var window = new BitWindow();
        var time = 0L;
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            var step = reader.Read7BitEncodedInt64();
            time += step >> 1;
            window.Append(time, (step & 1) != 0);
        }

        return window;
    }

    private void Append(long timeMs, bool set)
    {
        _newestMs = timeMs;
        _samples.Enqueue((timeMs, set));
        Set += set ? 1 : 0;
    }
}
