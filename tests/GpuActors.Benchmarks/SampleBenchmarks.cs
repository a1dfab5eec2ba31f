using System.Buffers;
using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using GpuActors.Collector.Exposition;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Codecs.Protobuf;
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
    private RecordDecoder _decoder = null!;
    private RecordDecoder _cold = null!;
    private SampleValidator _validator = null!;
    private GpuState _state = null!;
    private ExpositionParser _parser = null!;
    private byte[] _record = [];
    private byte[] _shuffled = [];
    private byte[] _protobuf = [];
    private byte[] _event = [];
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
            _sample[metric.Metric] =
                metric.Column == ColumnType.Real ? Math.Round(metric.Max * 0.437, 3) : Math.Floor(Math.Min(metric.Max, 1e11) * 0.437);
        }

        _sample[Metric.ThrottleReasons] = 0;
        SampleEncoder.Write(_buffer, _sample);
        _record = _buffer.WrittenSpan.ToArray();
        _shuffled = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(_record).Replace("{\"v\":1,", "{ \"v\":1,", StringComparison.Ordinal));
        _buffer.ResetWrittenCount();
        ProtobufSampleWriter.Write(_buffer, _sample);
        _protobuf = _buffer.WrittenSpan.ToArray();
        _event = Encoding.UTF8.GetBytes(Event());
        _decoder = new RecordDecoder(_registry);
        _cold = new RecordDecoder(_registry);
        _ = _decoder.Decode(_record, default, _decoded);
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
    public RejectReason Decode() => _decoder.Decode(_record, default, _decoded);

    /// <summary>The general reader: a producer with another layout.</summary>
    [Benchmark]
    public RejectReason DecodeGeneral() => _cold.Decode(_shuffled, default, _decoded);

    /// <summary>The same sample as Protobuf.</summary>
    [Benchmark]
    public RejectReason DecodeProtobuf() => _decoder.Decode(_protobuf, default, _decoded);

    /// <summary>What a collector of the replaced system sends: 20 metrics.</summary>
    [Benchmark]
    public RejectReason DecodeNested() => _decoder.Decode(_event, default, _decoded);

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

    /// <summary>The collector's side with <c>--format protobuf</c>.</summary>
    [Benchmark]
    public int EncodeProtobuf()
    {
        _buffer.ResetWrittenCount();
        ProtobufSampleWriter.Write(_buffer, _sample);
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

    private static string Event() =>
        """
            {"schema_version": "1.0", "event_type": "gpu_metric_sample", "timestamp": "2026-11-23T12:00:00.123456+00:00", "collection_timestamp": "2026-11-23T12:00:00.123456+00:00", "processing_timestamp": "2026-11-23T12:00:00.123456+00:00", "gpu": {"gpu_id": "265c9814", "gpu_uuid": "GPU-265c9814-6156-355b-e589-ff2064894f16", "device_index": 3, "pci_bus_id": "0000:5D:00.0", "name": "NVIDIA H100 80GB HBM3", "architecture": "Hopper", "compute_capability": "9.0"}, "host": {"hostname": "node-0017", "cluster": "c1", "rack": "r1", "datacenter": "d1"}, "metrics": {"health": {"gpu_temp_c": 65.0, "memory_temp_c": 72.0, "power_usage_w": 312.5, "throttle_reasons": 0, "throttle_reasons_decoded": []}, "memory": {"fb_used_mib": 73728, "fb_free_mib": 8192, "fb_total_mib": 81920, "utilization_pct": 90.0, "ecc_sbe_volatile": 12, "ecc_dbe_volatile": 0, "ecc_sbe_aggregate": 1847, "ecc_dbe_aggregate": 0, "retired_pages_sbe": 0, "retired_pages_dbe": 0}, "performance": {"sm_active_pct": 87.3, "sm_occupancy_pct": 45.2, "tensor_active_pct": 92.1, "dram_active_pct": 68.4, "pcie_tx_mb_per_sec": 145.2, "pcie_rx_mb_per_sec": 3892.1}, "clocks": {"sm_clock_mhz": 1410, "mem_clock_mhz": 1593}}, "quality": {"collection_latency_ms": 0, "stale": false, "sample_count": 1, "error": null}}
            """;

    private string Page()
    {
        var page = new StringBuilder();
        foreach (var metric in MetricCatalog.All)
        {
            for (var gpu = 0; gpu < 8; gpu++)
            {
                page.Append(
                    CultureInfo.InvariantCulture,
                    $"{metric.ExporterNames[0]}{{gpu=\"{gpu}\",UUID=\"GPU-{gpu:x8}-6156-355b-e589-ff2064894f16\",pci_bus_id=\"00000000:{gpu:x2}:00.0\",device=\"nvidia{gpu}\",modelName=\"NVIDIA H100 80GB HBM3\",Hostname=\"node-0017\",DCGM_FI_DRIVER_VERSION=\"550.127.08\"}} {_sample[metric.Metric]}\n"
                );
            }
        }

        return page.ToString();
    }
}
