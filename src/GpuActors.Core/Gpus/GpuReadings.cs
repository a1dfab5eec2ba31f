using System.Globalization;
using System.Text;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Core.Windows;

namespace GpuActors.Core.Gpus;

/// <summary>The newest values of one GPU and what follows directly from them: what the rules of all families read.</summary>
internal sealed class GpuReadings
{
    // The clocks of hosts and brokers differ by less.
    private const long MostAheadMs = 5_000;
    private const int RecordsOfNewClock = 2;

    private readonly double[] _values = new double[MetricCatalog.Count];
    private long _aheadMs; // By how much the newest sample was ahead of the broker's clock.
    private int _behind; // Samples since then that were not.
    private GpuModelLimits? _limits;
    private (GpuModelPolicy Models, string Model) _limitsOf;

    public GpuReadings(GpuId gpu)
    {
        Gpu = gpu;
        Array.Fill(_values, double.NaN);
    }

    public GpuId Gpu { get; }

    /// <summary>Host, index, model and driver.</summary>
    public GpuInfo Info { get; set; } = GpuInfo.Unknown;

    /// <summary>Samples applied, late ones included.</summary>
    public long Samples { get; set; }

    /// <summary>Time of the newest sample, Unix milliseconds; 0 before the first.</summary>
    public long TimeMs { get; private set; }

    /// <summary>
    /// How often the clock of the samples has been set back since this object was made: a sample was ahead of the broker's clock, and those
    /// after it were not.
    /// </summary>
    public int ClockSteps { get; private set; }

    /// <summary>
    /// Time from the sample before to the newest one, in milliseconds; 0 for the first, and after the clock was set back.
    /// </summary>
    public long ElapsedMs { get; private set; }

    /// <summary>Time of the last driver reload, Unix milliseconds; far in the past when none was seen.</summary>
    public long BootMs { get; private set; } = long.MinValue / 2;

    /// <summary>
    /// When the driver was reloaded, if the newest sample shows it: what the energy counter has counted since, at the present power, says
    /// how long ago. Without a power it is the time of the sample. Unix milliseconds.
    /// </summary>
    public long ReloadMs =>
        this[Metric.EnergyConsumption] is var energy && this[Metric.PowerUsage] is var watts && energy >= 0 && watts > 0
            ? TimeMs - (long)Math.Min(energy / watts, ElapsedMs)
            : TimeMs;

    /// <summary>Increases of the counters with the newest sample.</summary>
    public CounterIncreases Increases { get; } = new();

    /// <summary>The GPU in texts for a person: its host and index, or its UUID when the host is unknown.</summary>
    public string Where =>
        Info.Host.Length == 0 ? Gpu.Value
        : Info.Index < 0 ? Info.Host
        : string.Create(CultureInfo.InvariantCulture, $"{Info.Host} GPU {Info.Index}");

    /// <summary>The newest value of a metric; NaN when the newest sample lacks it.</summary>
    public double this[Metric metric] => _values[(int)metric];

    /// <summary>The newest value of a metric, or another one when the newest sample lacks it.</summary>
    public double ValueOr(Metric metric, double otherwise) => this[metric] is var value && double.IsNaN(value) ? otherwise : value;

    /// <summary>
    /// Whether a sample that is older than the newest one shows that the clock has been set back. A sample from the future would otherwise
    /// make all others late until its time has come. Two records in a row tell a clock from a stray record.
    /// </summary>
    public bool StepsBack(GpuSample sample)
    {
        var isAhead = _aheadMs > MostAheadMs && sample.TimeMs - sample.AppendTimeMs <= MostAheadMs;
        if (!isAhead || ++_behind < RecordsOfNewClock)
        {
            return false;
        }

        ClockSteps++;
        return true;
    }

    /// <summary>Takes a sample that is not older than the newest one, or the first one after the clock was set back.</summary>
    public void Take(GpuSample sample)
    {
        Increases.Take(sample.Values, sample.TimeMs);
        if (Increases.DriverReloaded)
        {
            BootMs = sample.TimeMs;
        }

        ElapsedMs = TimeMs == 0 ? 0 : Math.Max(0, sample.TimeMs - TimeMs);
        TimeMs = sample.TimeMs;
        (_aheadMs, _behind) = (sample.TimeMs - sample.AppendTimeMs, 0);
        sample.Values.CopyTo(_values);
    }

    /// <summary>Takes over what is known of the time before the first sample; all of it when there was none yet.</summary>
    public void Recover(GpuReadings older)
    {
        if (TimeMs != 0)
        {
            Samples += older.Samples;
            BootMs = Math.Max(BootMs, older.BootMs);
            return;
        }

        using var saved = new MemoryStream();
        using var writer = new BinaryWriter(saved, Encoding.UTF8);
        older.Save(writer);
        writer.Flush();
        saved.Position = 0;
        using var reader = new BinaryReader(saved, Encoding.UTF8);
        Load(reader);
    }

    /// <summary>The limits of the GPU's product, found again only when the product or the policy changes.</summary>
    public GpuModelLimits Limits(GpuModelPolicy models)
    {
        if (_limits is null || !ReferenceEquals(_limitsOf.Models, models) || !ReferenceEquals(_limitsOf.Model, Info.Model))
        {
            _limits = models.For(Info.Model);
            _limitsOf = (models, Info.Model);
        }

        return _limits;
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(Info.Host);
        writer.Write7BitEncodedInt(Info.Index + 1);
        writer.Write(Info.PciBusId);
        writer.Write(Info.Model);
        writer.Write(Info.Driver);
        writer.Write7BitEncodedInt64(Samples);
        writer.Write(TimeMs);
        writer.Write(BootMs);
        writer.Write7BitEncodedInt64(_aheadMs);
        writer.Write7BitEncodedInt(_behind);
        Increases.Save(writer);
        SaveValues(writer);
    }

    public void Load(BinaryReader reader)
    {
        var host = reader.ReadString();
        var index = reader.Read7BitEncodedInt() - 1;
        Info = new GpuInfo(host, index, reader.ReadString(), reader.ReadString(), reader.ReadString());
        Samples = reader.Read7BitEncodedInt64();
        TimeMs = reader.ReadInt64();
        BootMs = reader.ReadInt64();
        _aheadMs = reader.Read7BitEncodedInt64();
        _behind = reader.Read7BitEncodedInt();
        Increases.Load(reader);
        LoadValues(reader);
    }

    // Metrics are saved by DCGM field id: their positions are local to a process.
    private void SaveValues(BinaryWriter writer)
    {
        var present = 0;
        foreach (var value in _values)
        {
            present += double.IsNaN(value) ? 0 : 1;
        }

        writer.Write7BitEncodedInt(present);
        for (var i = 0; i < _values.Length; i++)
        {
            if (!double.IsNaN(_values[i]))
            {
                writer.Write7BitEncodedInt(MetricCatalog.All[i].DcgmFieldId);
                CompactDouble.Write(writer, _values[i]);
            }
        }
    }

    private void LoadValues(BinaryReader reader)
    {
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            var field = reader.Read7BitEncodedInt();
            var value = CompactDouble.Read(reader);
            if (MetricCatalog.ByField.TryGetValue(field, out var metric))
            {
                _values[(int)metric.Metric] = value;
            }
        }
    }
}
