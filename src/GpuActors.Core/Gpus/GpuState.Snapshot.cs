using System.Text;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Core.Windows;

namespace GpuActors.Core.Gpus;

// The snapshot: a version, then everything in one fixed order. Metrics stand by name, so a catalogue that grew reads older snapshots.
public sealed partial class GpuState
{
    private const byte SnapshotVersion = 3;

    // Its windows have numbers and doubles in full; otherwise it is the same.
    private const byte WideVersion = 2;

    // A snapshot is a little longer than the one before.
    private int _savedBytes;

    /// <summary>The whole state in compact binary.</summary>
    public byte[] Save()
    {
        using var buffer = new MemoryStream(_savedBytes + 512);
        using var writer = new BinaryWriter(buffer, Encoding.UTF8);
        writer.Write(SnapshotVersion);
        _seen.Save(writer);
        writer.Write(_info.Host);
        writer.Write7BitEncodedInt(_info.Index + 1);
        writer.Write(_info.PciBusId);
        writer.Write(_info.Model);
        writer.Write(_info.Driver);
        writer.Write(_timeMs);
        writer.Write(_appendMs);
        writer.Write7BitEncodedInt64(_samples);
        writer.Write(_bootMs);
        writer.Write7BitEncodedInt64(_minute);
        writer.Write(_intervalMs);
        writer.Write7BitEncodedInt(_longGaps);
        writer.Write(_heardSinceMs);
        _links.Save(writer);
        writer.Write(_xid);
        writer.Write(_dbeOpen);
        writer.Write(_exporterDown);
        _seenLogs.Save(writer);
        _increases.Save(writer);
        _ledger.Save(writer);
        SavePairs(writer, [.. _windowedCounts.Select(c => ((long)c.Key, c.Value))]);
        SavePairs(writer, [.. _newDbePages]);
        SaveValues(writer);
        SaveTrackers(writer);
        SaveWindow(writer, _swThermalWindow);
        SaveWindow(writer, _powerCapWindow);
        _windows.Save(writer);
        writer.Flush();
        _savedBytes = (int)buffer.Length;
        return buffer.ToArray();
    }

    /// <summary>The state that <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The snapshot is of a version that this build does not read, or is damaged.</exception>
    public static GpuState Load(GpuId gpu, ReadOnlySpan<byte> snapshot)
    {
        using var reader = new BinaryReader(new MemoryStream(snapshot.ToArray()), Encoding.UTF8);
        try
        {
            var version = reader.ReadByte();
            if (version is not (SnapshotVersion or WideVersion))
            {
                throw new InvalidDataException(
                    $"The snapshot of {gpu} has version {version}; this build reads {WideVersion} and {SnapshotVersion}"
                );
            }

            var state = new GpuState(gpu);
            state.Load(reader, wide: version == WideVersion);
            return state;
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"The snapshot of {gpu} ({snapshot.Length} bytes) is damaged: {e.Message}", e);
        }
    }

    private void Load(BinaryReader reader, bool wide)
    {
        _seen = Watermarks.Load(reader);
        var host = reader.ReadString();
        var index = reader.Read7BitEncodedInt() - 1;
        _info = new GpuInfo(host, index, reader.ReadString(), reader.ReadString(), reader.ReadString());
        _timeMs = reader.ReadInt64();
        _appendMs = reader.ReadInt64();
        _samples = reader.Read7BitEncodedInt64();
        _bootMs = reader.ReadInt64();
        _minute = reader.Read7BitEncodedInt64();
        _intervalMs = reader.ReadDouble();
        _longGaps = reader.Read7BitEncodedInt();
        _heardSinceMs = reader.ReadInt64();
        _links = MinuteOfLinks.Load(reader);
        _xid = reader.ReadDouble();
        _dbeOpen = reader.ReadBoolean();
        _exporterDown = reader.ReadBoolean();
        _seenLogs = Watermarks.Load(reader);
        _increases.Load(reader);
        _ledger.Load(reader);
        foreach (var (code, count) in LoadPairs(reader))
        {
            _windowedCounts[(int)code] = count;
        }

        foreach (var pages in LoadPairs(reader))
        {
            _newDbePages.Enqueue(pages);
        }

        LoadValues(reader);
        LoadTrackers(reader);
        _swThermalWindow = LoadWindow(reader);
        _powerCapWindow = LoadWindow(reader);
        _windows.Load(reader, wide);
    }

    private void SaveValues(BinaryWriter writer)
    {
        var present = MetricCatalog.All.Where(m => !double.IsNaN(_values[(int)m.Metric])).ToList();
        writer.Write7BitEncodedInt(present.Count);
        foreach (var metric in present)
        {
            writer.Write(metric.Name);
            writer.Write(_values[(int)metric.Metric]);
        }
    }

    private void LoadValues(BinaryReader reader)
    {
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            var name = reader.ReadString();
            var value = reader.ReadDouble();
            if (MetricCatalog.ByName.TryGetValue(name, out var metric))
            {
                _values[(int)metric.Metric] = value;
            }
        }
    }

    // Rules stand by name, so that a build with other rules reads the snapshot; a rule that is gone is read and dropped.
    private void SaveTrackers(BinaryWriter writer)
    {
        var live = RuleCatalog.All.Where(kind => !_conditions[kind.Index].IsQuiet || _conditions[kind.Index].HasOpened).ToList();
        writer.Write7BitEncodedInt(live.Count);
        foreach (var kind in live)
        {
            writer.Write(kind.Id);
            _conditions[kind.Index].Save(writer);
        }

        writer.Write7BitEncodedInt(_codes.Count);
        foreach (var ((kind, code), tracker) in _codes)
        {
            writer.Write(kind.Id);
            writer.Write7BitEncodedInt(code);
            tracker.Save(writer);
        }
    }

    private void LoadTrackers(BinaryReader reader)
    {
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            var kind = RuleCatalog.Find(reader.ReadString());
            var condition = Condition.Load(reader);
            if (kind is not null)
            {
                _conditions[kind.Index] = condition;
            }
        }

        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            var kind = RuleCatalog.Find(reader.ReadString());
            var code = reader.Read7BitEncodedInt();
            var tracker = AlertTracker.Load(reader);
            if (kind is not null)
            {
                _codes[new(kind, code)] = tracker;
            }
        }
    }

    private static void SaveWindow(BinaryWriter writer, BitWindow? window)
    {
        writer.Write(window is not null);
        window?.Save(writer);
    }

    private static BitWindow? LoadWindow(BinaryReader reader) => reader.ReadBoolean() ? BitWindow.Load(reader) : null;

    private static void SavePairs(BinaryWriter writer, IReadOnlyList<(long Key, int Value)> pairs)
    {
        writer.Write7BitEncodedInt(pairs.Count);
        foreach (var (key, value) in pairs)
        {
            writer.Write(key);
            writer.Write(value);
        }
    }

    private static IEnumerable<(long Key, int Value)> LoadPairs(BinaryReader reader)
    {
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            yield return (reader.ReadInt64(), reader.ReadInt32());
        }
    }
}
