using System.Text;
using GpuActors.Core.Alerts;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;
using GpuActors.Core.Windows;

namespace GpuActors.Core.Gpus;

// The snapshot: a version, then everything in one fixed order. Metrics stand by name, so a catalogue that grew reads older snapshots.
public sealed partial class GpuState
{
    private const byte SnapshotVersion = 1;

    /// <summary>The whole state in compact binary.</summary>
    public byte[] Save()
    {
        using var buffer = new MemoryStream(1024);
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
        writer.Write(_intervalMs);
        writer.Write(_sbeBaseline);
        writer.Write(_dbeBaseline);
        writer.Write(_replayBaseline);
        writer.Write(_xid);
        writer.Write(_thermalBits);
        writer.Write(_brakeBits);
        writer.Write7BitEncodedInt(_maskSamples);
        writer.Write(_dbeOpen);
        SaveValues(writer);
        SaveTrackers(writer);
        writer.Write(_swThermalWindow is not null);
        _swThermalWindow?.Save(writer);
        _windows.Save(writer);
        writer.Flush();
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
            if (version != SnapshotVersion)
            {
                throw new InvalidDataException($"The snapshot of {gpu} has version {version}; this build reads {SnapshotVersion}");
            }

            var state = new GpuState(gpu);
            state.Load(reader);
            return state;
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"The snapshot of {gpu} ({snapshot.Length} bytes) is damaged: {e.Message}", e);
        }
    }

    private void Load(BinaryReader reader)
    {
        _seen = Watermarks.Load(reader);
        var host = reader.ReadString();
        var index = reader.Read7BitEncodedInt() - 1;
        _info = new GpuInfo(host, index, reader.ReadString(), reader.ReadString(), reader.ReadString());
        _timeMs = reader.ReadInt64();
        _appendMs = reader.ReadInt64();
        _samples = reader.Read7BitEncodedInt64();
        _intervalMs = reader.ReadDouble();
        _sbeBaseline = reader.ReadDouble();
        _dbeBaseline = reader.ReadDouble();
        _replayBaseline = reader.ReadDouble();
        _xid = reader.ReadDouble();
        _thermalBits = reader.ReadUInt64();
        _brakeBits = reader.ReadUInt64();
        _maskSamples = reader.Read7BitEncodedInt();
        _dbeOpen = reader.ReadBoolean();
        LoadValues(reader);
        LoadTrackers(reader);
        _swThermalWindow = reader.ReadBoolean() ? BitWindow.Load(reader) : null;
        _windows.Load(reader);
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

    private void SaveTrackers(BinaryWriter writer)
    {
        _hwThermal.Save(writer);
        _powerBrake.Save(writer);
        _swThermal.Save(writer);
        _eccDbe.Save(writer);
        _eccSbe.Save(writer);
        _silent.Save(writer);
        writer.Write7BitEncodedInt(_xids.Count);
        foreach (var (code, tracker) in _xids)
        {
            writer.Write7BitEncodedInt(code);
            tracker.Save(writer);
        }
    }

    private void LoadTrackers(BinaryReader reader)
    {
        _hwThermal = AlertTracker.Load(reader);
        _powerBrake = AlertTracker.Load(reader);
        _swThermal = AlertTracker.Load(reader);
        _eccDbe = AlertTracker.Load(reader);
        _eccSbe = AlertTracker.Load(reader);
        _silent = AlertTracker.Load(reader);
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            var code = reader.Read7BitEncodedInt();
            _xids[code] = AlertTracker.Load(reader);
        }
    }
}
