namespace GpuActors.Core.Windows;

/// <summary>
/// Whether a condition held, sample by sample, over the last minutes: for duty cycles. It is made when the condition is first seen and
/// bounded, so that GPUs that never meet it pay nothing; beyond the bound the oldest samples go first.
/// </summary>
public sealed class BitWindow
{
    private const int MostSamples = 1024;
    private readonly long _spanMs;
    private readonly Queue<(long TimeMs, bool Set)> _samples = new();
    private long _newestMs = long.MinValue;

    /// <summary>An empty window over <paramref name="span"/>.</summary>
    public BitWindow(TimeSpan span) => _spanMs = (long)span.TotalMilliseconds;

    /// <summary>Samples in the window.</summary>
    public int Count => _samples.Count;

    /// <summary>How many of them met the condition.</summary>
    public int Set { get; private set; }

    /// <summary>Share of samples that met the condition; 0 when empty.</summary>
    public double Duty => Count == 0 ? 0 : (double)Set / Count;

    /// <summary>Time between the oldest and the newest sample.</summary>
    public TimeSpan Covered => Count == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(_newestMs - _samples.Peek().TimeMs);

    /// <summary>Takes a sample. One that is older than the newest is passed over: duty is about now.</summary>
    public void Add(long timeMs, bool set)
    {
        if (timeMs < _newestMs)
        {
            return;
        }

        _newestMs = timeMs;
        _samples.Enqueue((timeMs, set));
        Set += set ? 1 : 0;
        while (_samples.Count > MostSamples || _samples.Peek().TimeMs < timeMs - _spanMs)
        {
            Set -= _samples.Dequeue().Set ? 1 : 0;
        }
    }

    internal void Save(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(_samples.Count);
        foreach (var (time, set) in _samples)
        {
            writer.Write7BitEncodedInt64(time);
            writer.Write(set);
        }
    }

    internal static BitWindow Load(BinaryReader reader, TimeSpan span)
    {
        var window = new BitWindow(span);
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            window.Add(reader.Read7BitEncodedInt64(), reader.ReadBoolean());
        }

        return window;
    }
}
