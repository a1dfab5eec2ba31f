namespace GpuActors.Core.Windows;

/// <summary>
/// Whether a condition held, sample by sample, over the last minutes: for duty cycles. It is made when the condition is first seen and
/// bounded, so that GPUs that never meet it pay nothing; beyond the bound the oldest samples go first.
/// </summary>
public sealed class BitWindow
{
    private const int MostSamples = 1024;
    private readonly Queue<uint> _samples = new(); // Milliseconds since the sample before, shifted by one, and the condition.
    private long _oldestMs;
    private long _newestMs = long.MinValue;

    /// <summary>Samples in the window.</summary>
    public int Count => _samples.Count;

    /// <summary>How many of them met the condition.</summary>
    public int Set { get; private set; }

    /// <summary>Share of samples that met the condition; 0 when empty.</summary>
    public double Duty => Count == 0 ? 0 : (double)Set / Count;

    /// <summary>Time between the oldest and the newest sample.</summary>
    public TimeSpan Covered => Count == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(_newestMs - _oldestMs);

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
        while (_samples.Count > MostSamples || _oldestMs < oldest)
        {
            Set -= (int)(_samples.Dequeue() & 1);
            _oldestMs = _samples.TryPeek(out var next) ? _oldestMs + (next >> 1) : _newestMs;
        }
    }

    // Two bytes a sample at 1 Hz.
    internal void Save(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(_samples.Count);
        writer.Write(_oldestMs);
        var first = true;
        foreach (var sample in _samples)
        {
            // The sample before the first has gone.
            writer.Write7BitEncodedInt((int)(first ? sample & 1 : sample));
            first = false;
        }
    }

    internal static BitWindow Load(BinaryReader reader)
    {
        var window = new BitWindow();
        var count = reader.Read7BitEncodedInt();
        var time = reader.ReadInt64();
        for (var i = 0; i < count; i++)
        {
            var sample = (uint)reader.Read7BitEncodedInt();
            time += i == 0 ? 0 : sample >> 1;
            window.Append(time, (sample & 1) != 0);
        }

        return window;
    }

    // After a gap of weeks no earlier sample is in any window.
    private void Append(long timeMs, bool set)
    {
        if (_samples.Count > 0 && timeMs - _newestMs > int.MaxValue)
        {
            _samples.Clear();
            Set = 0;
        }

        var step = 0u;
        if (_samples.Count == 0)
        {
            _oldestMs = timeMs;
        }
        else
        {
            step = (uint)(timeMs - _newestMs);
        }

        _newestMs = timeMs;
        _samples.Enqueue((step << 1) | (set ? 1u : 0));
        Set += set ? 1 : 0;
    }
}
