namespace GpuActors.Core.Windows;

/// <summary>
/// Whether a condition held, sample by sample, over the last minutes or hours: for duty cycles. It is made when the condition is first seen
/// and bounded, so that GPUs that never meet it pay nothing: of samples that come faster than the span has room for, some are left out. A
/// sample takes two bytes.
/// </summary>
public sealed class BitWindow
{
    private const int MostSamples = 1024;
    private const int LongStep = short.MaxValue;

    // Of each sample the milliseconds since the one before, shifted by one, and the condition in the lowest bit. The first sample has 0.
    private readonly Queue<ushort> _samples = new();

    // Steps that do not fit, in the order of their samples, which say LongStep.
    private readonly Queue<long> _longSteps = new();
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

    /// <summary>Adds a sample. One that is older than the newest is ignored: duty is about now.</summary>
    /// <param name="timeMs">Sample time, Unix milliseconds.</param>
    /// <param name="set">Whether the sample met the condition.</param>
    /// <param name="span">How far the window reaches back from this sample: the rule's setting, so that a changed one applies to old
    /// samples too.</param>
    public void Add(long timeMs, bool set, TimeSpan span)
    {
        var spanMs = (long)span.TotalMilliseconds;
        if (timeMs < _newestMs || (_samples.Count > 0 && timeMs - _newestMs < spanMs / MostSamples))
        {
            return;
        }

        Append(timeMs, set);
        var oldest = timeMs - spanMs;
        while (_samples.Count > MostSamples || _oldestMs < oldest)
        {
            Set -= _samples.Dequeue() & 1;
            // What was the second sample is the first now, and nobody asks for its step again.
            var step = _samples.Peek() >> 1;
            _oldestMs += step == LongStep ? _longSteps.Dequeue() : step;
        }
    }

    internal void Save(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(_samples.Count);
        writer.Write(_oldestMs);
        var isFirst = true;
        using var longSteps = ((IEnumerable<long>)_longSteps).GetEnumerator();
        foreach (var sample in _samples)
        {
            var step =
                isFirst ? 0
                : sample >> 1 != LongStep ? sample >> 1
                : longSteps.MoveNext() ? longSteps.Current
                : 0;
            writer.Write7BitEncodedInt64((step << 1) | (sample & 1L));
            isFirst = false;
        }
    }

    internal static BitWindow Load(BinaryReader reader)
    {
        var window = new BitWindow();
        var count = reader.Read7BitEncodedInt();
        var time = reader.ReadInt64();
        for (var i = 0; i < count; i++)
        {
            var sample = reader.Read7BitEncodedInt64();
            time += sample >> 1;
            window.Append(time, (sample & 1) != 0);
        }

        return window;
    }

    private void Append(long timeMs, bool set)
    {
        var step = 0L;
        if (_samples.Count == 0)
        {
            _oldestMs = timeMs;
        }
        else
        {
            step = timeMs - _newestMs;
        }

        if (step >= LongStep)
        {
            _longSteps.Enqueue(step);
        }

        _newestMs = timeMs;
        _samples.Enqueue((ushort)((Math.Min(step, LongStep) << 1) | (set ? 1L : 0)));
        Set += set ? 1 : 0;
    }
}
