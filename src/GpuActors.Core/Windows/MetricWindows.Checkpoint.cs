using GpuActors.Core.Metrics;

namespace GpuActors.Core.Windows;

// What a checkpoint holds of the windows. The current minute and hour are saved each time, and the tallies of hours that have no row.
// Closed minutes and hours are saved once, hours with their tallies, and again when a late value has changed them: a row counts as unsaved
// until the checkpoint that holds it is known to be written. Metrics stand by their DCGM field ids, so that a build with other windowed
// metrics reads those that it knows.
public sealed partial class MetricWindows
{
    private const long Never = -1;

    // Rows that changed since the last save, and those that the last save holds while nobody knows whether it was written.
    private RowMarks _changedMinutes,
        _changedHours,
        _savedMinutes,
        _savedHours;
    private long _written = Never;
    private long _saved = Never;
    private bool _allUnsaved = true;

    /// <summary>
    /// Begins a save. What was saved last counts as written when <paramref name="writtenNumber"/> is its number; when it is a checkpoint
    /// that these windows know nothing of, all rows are saved again.
    /// </summary>
    /// <param name="number">Number of the checkpoint, above that of every one that was written.</param>
    /// <param name="writtenNumber">
    /// Number of the newest checkpoint that was written; 0 before the first; null when another node has written it. The number alone does
    /// not tell: a checkpoint of this node that was refused may have had the same one.
    /// </param>
    internal void BeginSave(long number, long? writtenNumber)
    {
        if (_saved != Never && writtenNumber == _saved)
        {
            (_savedMinutes, _savedHours, _allUnsaved) = (default, default, false);
        }
        else if (writtenNumber is null || writtenNumber != _written)
        {
            _allUnsaved = true;
        }

        (_written, _saved) = (writtenNumber ?? Never, number);
        _savedMinutes.Add(_changedMinutes);
        _savedHours.Add(_changedHours);
        (_changedMinutes, _changedHours) = (default, default);
    }

    /// <summary>These windows are those of a checkpoint that was read: what changes from now on is unsaved.</summary>
    internal void BeginAt(long writtenNumber)
    {
        (_written, _saved, _allUnsaved) = (writtenNumber, Never, false);
        (_changedMinutes, _changedHours, _savedMinutes, _savedHours) = (default, default, default, default);
    }

    /// <summary>
    /// Adds windows that end where these begin, as they are in the database while this node began without them. The minute and the hour in
    /// which these began hold the values of both; all other values of <paramref name="older"/> from then on are left out.
    /// </summary>
    internal void Recover(MetricWindows older)
    {
        if (older._minuteNumber < 0)
        {
            _tallies.Recover(older._tallies, long.MaxValue);
            return;
        }

        if (_minuteNumber < 0)
        {
            _tallies.Recover(older._tallies, long.MaxValue);
            Array.Copy(older._minute, _minute, _minute.Length);
            Array.Copy(older._hour, _hour, _hour.Length);
            (_minuteNumber, _minuteEndMs, _newestMs) = (older._minuteNumber, older._minuteEndMs, older._newestMs);
            Recover(_minutes, older._minutes, long.MaxValue, _minuteNumber - Minutes + 1);
            Recover(_hours, older._hours, long.MaxValue, HourNumber - Hours + 1);
        }
        else
        {
            var firstMinute = _minutes.End > _minutes.First ? _minutes.First : _minuteNumber;
            var firstHour = _hours.End > _hours.First ? _hours.First : HourNumber;
            Recover(_minutes, older._minutes, firstMinute, _minuteNumber - Minutes + 1);
            Recover(_hours, older._hours, firstHour, HourNumber - Hours + 1);
            RecoverOpen(older, firstMinute, firstHour);
            _tallies.Recover(older._tallies, firstHour);
        }

        _tallies.DropBefore(HourNumber - Hours + 1);

        TooLate += older.TooLate;
        _allUnsaved = true;
    }

    // Closed rows before the first one here.
    private static void Recover(BucketRows rows, BucketRows older, long first, long oldest)
    {
        for (var number = Math.Min(older.End, first) - 1; number >= Math.Max(older.First, oldest); number--)
        {
            older[number].CopyTo(rows.Open(number));
        }
    }

    // The older windows' current minute and hour have been closed here, or are current here too.
    private void RecoverOpen(MetricWindows older, long firstMinute, long firstHour)
    {
        for (var i = 0; i < Windowed.Length; i++)
        {
            if (older._minuteNumber <= firstMinute && older._minuteNumber > _minuteNumber - Minutes)
            {
                AddBefore(_minutes, older._minuteNumber, _minuteNumber, ref _minute[i], i, older._minute[i]);
            }

            var hour = older._hour[i];
            hour.Add(older._minute[i]);
            if (older.HourNumber <= firstHour && older.HourNumber > HourNumber - Hours)
            {
                AddBefore(_hours, older.HourNumber, HourNumber, ref _hour[i], i, hour);
            }
        }
    }

    private static void AddBefore(BucketRows rows, long number, long current, ref Bucket open, int i, Bucket earlier)
    {
        if (number == current)
        {
            earlier.Add(open);
            open = earlier;
            return;
        }

        ref var packed = ref rows.Open(number)[i];
        earlier.Add(Scales[i].Unpack(packed));
        packed = Scales[i].Pack(earlier);
    }

    /// <summary>Writes the closed minutes (or hours) that are unsaved after <see cref="BeginSave"/>, or all of them.</summary>
    /// <returns>False when there is nothing to write, and nothing was written.</returns>
    internal bool SaveRows(BinaryWriter writer, bool hours, bool all)
    {
        all |= _allUnsaved;
        var rows = hours ? _hours : _minutes;
        var unsaved = hours ? _savedHours : _savedMinutes;
        var count = 0;
        for (var number = rows.First; number < rows.End; number++)
        {
            count += IsToBeSaved(number) ? 1 : 0;
        }

        if (count == 0 && !all)
        {
            return false;
        }

        // True: the rows that a reader has of earlier checkpoints are void.
        writer.Write(all);
        SaveMetrics(writer);
        writer.Write7BitEncodedInt(count);
        var before = 0L;
        for (var number = rows.First; number < rows.End; number++)
        {
            if (IsToBeSaved(number))
            {
                writer.Write7BitEncodedInt64(number - before);
                before = number;
                SaveRow(writer, rows[number]);
                if (hours)
                {
                    _tallies.Save(writer, number);
                }
            }
        }

        return true;

        bool IsToBeSaved(long number) => (all || unsaved.Has(number)) && rows.HasValues(number);
    }

    /// <summary>Reads what <see cref="SaveRows"/> wrote; rows that have left the windows are passed over.</summary>
    internal void LoadRows(BinaryReader reader, bool hours)
    {
        var rows = hours ? _hours : _minutes;
        var (current, span) = hours ? (HourNumber, Hours) : (_minuteNumber, Minutes);
        if (reader.ReadBoolean())
        {
            ClearRows(rows, hours);
        }

        Span<sbyte> indexes = stackalloc sbyte[64];
        indexes = indexes[..LoadMetrics(reader, indexes)];
        Span<PackedBucket> dropped = stackalloc PackedBucket[Windowed.Length];
        var number = 0L;
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            number += reader.Read7BitEncodedInt64();
            var isHeld = number > current - span && number < current;
            LoadRow(reader, indexes, isHeld ? rows.Open(number) : dropped);
            if (hours)
            {
                _tallies.Load(reader, number);
            }
        }

        if (hours)
        {
            _tallies.DropBefore(current - span + 1);
        }
    }

    // With the tallies that came with them.
    private void ClearRows(BucketRows rows, bool hours)
    {
        for (var number = rows.First; hours && number < rows.End; number++)
        {
            if (rows.HasValues(number))
            {
                _tallies.Drop(number);
            }
        }

        rows.Clear();
    }

    /// <summary>Writes the current minute and hour.</summary>
    internal void Save(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt64(TooLate);
        writer.Write7BitEncodedInt64(_minuteNumber);
        writer.Write(_newestMs);
        SaveMetrics(writer);
        for (var i = 0; i < Windowed.Length; i++)
        {
            _minute[i].Save(writer);
            _hour[i].Save(writer);
        }

        _tallies.SaveReported(writer);
        _tallies.Save(writer, hour => !IsClosed(hour));
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    internal void Load(BinaryReader reader)
    {
        TooLate = reader.Read7BitEncodedInt64();
        _minuteNumber = reader.Read7BitEncodedInt64();
        _minuteEndMs = _minuteNumber < 0 ? long.MinValue : (_minuteNumber + 1) * MinuteMs;
        _newestMs = reader.ReadInt64();
        Span<sbyte> indexes = stackalloc sbyte[64];
        foreach (var index in indexes[..LoadMetrics(reader, indexes)])
        {
            var (minute, hour) = (Bucket.Load(reader), Bucket.Load(reader));
            if (index >= 0)
            {
                (_minute[index], _hour[index]) = (minute, hour);
            }
        }

        _tallies.LoadReported(reader);
        _tallies.Load(reader);
    }

    private static void SaveMetrics(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(Windowed.Length);
        foreach (var metric in Windowed)
        {
            writer.Write7BitEncodedInt(MetricCatalog.Get(metric).DcgmFieldId);
        }
    }

    // The place of each metric that was saved; -1 for one that has no windows here.
    private static int LoadMetrics(BinaryReader reader, Span<sbyte> indexes)
    {
        var count = reader.Read7BitEncodedInt();
        if (count < 0 || count > indexes.Length)
        {
            throw new FormatException($"{count} windowed metrics: at most {indexes.Length} are possible");
        }

        for (var i = 0; i < count; i++)
        {
            indexes[i] = IndexOfField(reader.Read7BitEncodedInt(), i);
        }

        return count;
    }

    private static sbyte IndexOfField(int field, int likely)
    {
        if (likely < Windowed.Length && MetricCatalog.Get(Windowed[likely]).DcgmFieldId == field)
        {
            return (sbyte)likely;
        }

        for (var i = 0; i < Windowed.Length; i++)
        {
            if (MetricCatalog.Get(Windowed[i]).DcgmFieldId == field)
            {
                return (sbyte)i;
            }
        }

        return -1;
    }

    // A bit per metric that has values, then their buckets.
    private static void SaveRow(BinaryWriter writer, ReadOnlySpan<PackedBucket> row)
    {
        var present = 0L;
        for (var i = 0; i < row.Length; i++)
        {
            present |= row[i].IsEmpty ? 0 : 1L << i;
        }

        writer.Write7BitEncodedInt64(present);
        for (var i = 0; i < row.Length; i++)
        {
            if (!row[i].IsEmpty)
            {
                writer.Write(row[i].Low);
                writer.Write(row[i].High);
            }
        }
    }

    private static void LoadRow(BinaryReader reader, ReadOnlySpan<sbyte> indexes, Span<PackedBucket> row)
    {
        row.Clear();
        var present = reader.Read7BitEncodedInt64();
        for (var i = 0; i < indexes.Length; i++)
        {
            if ((present & (1L << i)) != 0)
            {
                var packed = new PackedBucket(reader.ReadUInt64(), reader.ReadUInt64());
                if (indexes[i] >= 0)
                {
                    row[indexes[i]] = packed;
                }
            }
        }
    }
}
