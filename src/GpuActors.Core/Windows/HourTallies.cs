namespace GpuActors.Core.Windows;

/// <summary>
/// Sums by hour and <see cref="HourTally"/>. Only sums above 0 are held, 16 bytes each, so that a healthy GPU pays for none. Hours are
/// numbered since 1970.
/// </summary>
internal sealed class HourTallies
{
    /// <summary>Number of tallies.</summary>
    public const int Count = (int)HourTally.OtherXids + 1;

    // Tallies that come from metrics. The others are of XIDs, which every GPU reports.
    private const int Metrics = (int)HourTally.RemappedRows + 1;
    private const int TallyBits = 4;
    private const int TallyMask = (1 << TallyBits) - 1;

    private readonly int[] _reported = new int[Metrics]; // The last hour in which the metric had a value; 0 for none.
    private Sum[] _sums = []; // In the order of their keys.
    private int _count;

    /// <summary>Whether a tally was reported in an hour or later: without a sum, the hour then has 0 of it.</summary>
    public bool IsReported(HourTally tally, long hour) => (int)tally >= Metrics || hour <= _reported[(int)tally];

    /// <summary>Takes an amount.</summary>
    /// <param name="tally">What was counted.</param>
    /// <param name="hour">The hour.</param>
    /// <param name="amount">The amount; 0 says only that it was reported.</param>
    public void Add(HourTally tally, long hour, double amount)
    {
        if ((int)tally < Metrics && hour > _reported[(int)tally])
        {
            _reported[(int)tally] = (int)hour;
        }

        if (amount > 0)
        {
            SumOf(Key(tally, hour)) += amount;
        }
    }

    /// <summary>Calls <paramref name="take"/> for each sum of the hours from <paramref name="first"/> to before <paramref
    /// name="end"/>.</summary>
    public void ForEach<TInto>(long first, long end, TInto into, Action<TInto, HourTally, long, double> take)
    {
        for (var i = IndexOf(Key(0, first)); i < _count && HourOf(_sums[i]) < end; i++)
        {
            take(into, TallyOf(_sums[i]), HourOf(_sums[i]), _sums[i].Value);
        }
    }

    /// <summary>Drops the hours before one.</summary>
    public void DropBefore(long hour) => Remove(0, IndexOf(Key(0, hour)));

    /// <summary>Drops an hour.</summary>
    public void Drop(long hour) => Remove(IndexOf(Key(0, hour)), IndexOf(Key(0, hour + 1)));

    /// <summary>Adds the sums of another object up to an hour, and what it knows of what was reported.</summary>
    public void Recover(HourTallies older, long lastHour)
    {
        for (var i = 0; i < older._count && HourOf(older._sums[i]) <= lastHour; i++)
        {
            SumOf(older._sums[i].Key) += older._sums[i].Value;
        }

        for (var i = 0; i < Metrics; i++)
        {
            _reported[i] = Math.Max(_reported[i], older._reported[i]);
        }
    }

    /// <summary>Writes what was reported.</summary>
    public void SaveReported(BinaryWriter writer)
    {
        var newest = _reported.Max();
        writer.Write7BitEncodedInt(newest);
        writer.Write7BitEncodedInt(Metrics);
        foreach (var hour in _reported)
        {
            writer.Write7BitEncodedInt(newest - hour);
        }
    }

    /// <summary>Reads what <see cref="SaveReported"/> wrote.</summary>
    public void LoadReported(BinaryReader reader)
    {
        var newest = reader.Read7BitEncodedInt();
        if (reader.Read7BitEncodedInt() is var count && count != Metrics)
        {
            throw new FormatException($"{count} tallies of metrics: {Metrics} are expected");
        }

        for (var i = 0; i < Metrics; i++)
        {
            _reported[i] = newest - reader.Read7BitEncodedInt();
        }
    }

    /// <summary>Writes the sums of the hours for which <paramref name="isMeant"/> is true.</summary>
    public void Save(BinaryWriter writer, Func<long, bool> isMeant)
    {
        var before = long.MinValue;
        for (var i = 0; i < _count; i++)
        {
            var hour = HourOf(_sums[i]);
            if (hour != before && isMeant(hour))
            {
                writer.Write(true);
                writer.Write7BitEncodedInt64(hour);
                Save(writer, hour);
            }

            before = hour;
        }

        writer.Write(false);
    }

    /// <summary>Reads what <see cref="Save(BinaryWriter, Func{long, bool})"/> wrote.</summary>
    public void Load(BinaryReader reader)
    {
        while (reader.ReadBoolean())
        {
            Load(reader, reader.Read7BitEncodedInt64());
        }
    }

    /// <summary>Writes the sums of an hour: a bit for each tally that has one, then their values.</summary>
    public void Save(BinaryWriter writer, long hour)
    {
        var (first, end) = (IndexOf(Key(0, hour)), IndexOf(Key(0, hour + 1)));
        var present = 0;
        for (var i = first; i < end; i++)
        {
            present |= 1 << (int)TallyOf(_sums[i]);
        }

        writer.Write7BitEncodedInt(present);
        for (var i = first; i < end; i++)
        {
            CompactDouble.Write(writer, _sums[i].Value);
        }
    }

    /// <summary>Reads what <see cref="Save(BinaryWriter, long)"/> wrote: it replaces what there is of the hour.</summary>
    public void Load(BinaryReader reader, long hour)
    {
        Drop(hour);
        var present = reader.Read7BitEncodedInt();
        if (present is < 0 or >= 1 << Count)
        {
            throw new FormatException($"tallies {present:x}: {Count} are known");
        }

        for (var tally = 0; tally < Count; tally++)
        {
            if ((present & (1 << tally)) != 0)
            {
                SumOf(Key((HourTally)tally, hour)) = CompactDouble.Read(reader);
            }
        }
    }

    // Hours fit 28 bits until the year 32,000.
    private static int Key(HourTally tally, long hour) => ((int)hour << TallyBits) | (int)tally;

    private static long HourOf(Sum sum) => sum.Key >> TallyBits;

    private static HourTally TallyOf(Sum sum) => (HourTally)(sum.Key & TallyMask);

    private ref double SumOf(int key)
    {
        var i = IndexOf(key);
        if (i == _count || _sums[i].Key != key)
        {
            if (_count == _sums.Length)
            {
                Array.Resize(ref _sums, Math.Max(2, _count + (_count / 2)));
            }

            Array.Copy(_sums, i, _sums, i + 1, _count - i);
            _sums[i] = new Sum { Key = key };
            _count++;
        }

        return ref _sums[i].Value;
    }

    // Of the first sum that is not before a key. It is nearly always one of the last.
    private int IndexOf(int key)
    {
        if (_count == 0 || _sums[_count - 1].Key < key)
        {
            return _count;
        }

        var (low, high) = (0, _count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _sums[middle].Key < key ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private void Remove(int first, int end)
    {
        if (end > first)
        {
            Array.Copy(_sums, end, _sums, first, _count - end);
            _count -= end - first;
        }
    }

    private struct Sum
    {
        public int Key;
        public double Value;
    }
}
