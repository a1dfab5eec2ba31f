using System.Buffers;
using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Gpus;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Core.Validation;

namespace GpuActors.Benchmarks;

/// <summary>What each step costs one sample of all the catalogue's metrics, with no Kafka and no actor around it.</summary>
[MemoryDiagnoser]
public class SampleBenchmarks
{
    private const long NoonMs = 1_795_435_200_000;
    private readonly GpuRegistry _registry = new();
    private readonly RuleSettings _rules = new();
    private readonly List<AlertTransition> _transitions = [];
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private readonly GpuSample _sample = new();
    private readonly GpuSample _decoded = new();
    private SampleDecoder _decoder = null!;
    private SampleDecoder _cold = null!;
    private SampleValidator _validator = null!;
    private GpuState _state = null!;
    private ExpositionParser _parser = null!;
    private byte[] _record = [];
    private byte[] _shuffled = [];
    private byte[] _page = [];
    private byte[] _snapshot = [];

    /// <summary>One GPU half an hour old.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _sample.Gpu = _registry.Intern(GpuId.Parse("GPU-265c9814-6156-355b-e589-ff2064894f16"));
        _sample.Info = new GpuInfo("node-0017", 3, "00000000:5d:00.0", "NVIDIA H100 80GB HBM3", "550.127.08");
        _sample.TimeMs = NoonMs;
        foreach (var metric in MetricCatalog.All)
        {
            _sample[metric.Metric] = metric.Column == ColumnType.Real ? Math.Round(metric.Max * 0.437, 3) : Math.Floor(Math.Min(metric.Max, 1e11) * 0.437);
        }

        _sample[Metric.ThrottleReasons] = 0;
        SampleEncoder.Write(_buffer, _sample);
        _record = _buffer.WrittenSpan.ToArray();
        _shuffled = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(_record).Replace("{\"v\":1,", "{ \"v\":1,", StringComparison.Ordinal));
        _decoder = new SampleDecoder(_registry);
        _cold = new SampleDecoder(_registry);
        _ = _decoder.Decode(_record, _decoded);
        _validator = new SampleValidator(new ValidationSettings());
        _state = new GpuState(_sample.Gpu.Id);
        for (var second = 0; second < 1800; second++)
        {
            Next();
        }

        _snapshot = _state.Save();
        _page = Encoding.UTF8.GetBytes(Page());
        _parser = new ExpositionParser(_registry);
    }

    /// <summary>The path of the collector's own records.</summary>
    [Benchmark(Baseline = true)]
    public RejectReason Decode() => _decoder.Decode(_record, _decoded);

    /// <summary>The general reader: a producer with another layout.</summary>
    [Benchmark]
    public RejectReason DecodeGeneral() => _cold.Decode(_shuffled, _decoded);

    /// <summary>Ranges, sentinels, clock.</summary>
    [Benchmark]
    public RejectReason Validate() => _validator.Validate(_sample, NoonMs);

    /// <summary>Windows and rules.</summary>
    [Benchmark]
    public bool Apply() => Next();

    /// <summary>The collector's side.</summary>
    [Benchmark]
    public int Encode()
    {
        _buffer.ResetWrittenCount();
        SampleEncoder.Write(_buffer, _sample);
        return _buffer.WrittenCount;
    }

    /// <summary>A page of eight GPUs with all metrics.</summary>
    [Benchmark(OperationsPerInvoke = 8)]
    public int ParsePage()
    {
        _parser.Parse(_page, NoonMs);
        return _parser.Count;
    }

    /// <summary>A checkpoint of the GPU.</summary>
    [Benchmark]
    public byte[] Save() => _state.Save();

    /// <summary>A GPU that starts from its checkpoint.</summary>
    [Benchmark]
    public GpuState Load() => GpuState.Load(_sample.Gpu.Id, _snapshot);

    private bool Next()
    {
        _sample.Offset++;
        _sample.TimeMs = NoonMs + (_sample.Offset % 1800 * 1000);
        return _state.Apply(_sample, _rules, _transitions);
    }

    private string Page()
    {
        var page = new StringBuilder();
        foreach (var metric in MetricCatalog.All)
        {
            for (var gpu = 0; gpu < 8; gpu++)
            {
                page.Append(CultureInfo.InvariantCulture,
                    $"{metric.ExporterNames[0]}{{gpu=\"{gpu}\",UUID=\"GPU-{gpu:x8}-6156-355b-e589-ff2064894f16\",pci_bus_id=\"00000000:{gpu:x2}:00.0\",device=\"nvidia{gpu}\",modelName=\"NVIDIA H100 80GB HBM3\",Hostname=\"node-0017\",DCGM_FI_DRIVER_VERSION=\"550.127.08\"}} {_sample[metric.Metric]}\n");
            }
        }

        return page.ToString();
    }
}
