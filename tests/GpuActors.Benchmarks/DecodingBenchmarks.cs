using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using GpuActors.Core.Codecs;
using GpuActors.Core.Codecs.Protobuf;
using GpuActors.Core.Samples;
using GpuActors.Core.Validation;

namespace GpuActors.Benchmarks;

/// <summary>The way of one record with all metrics into and out of the compact sample.</summary>
[MemoryDiagnoser]
public class DecodingBenchmarks
{
    private readonly GpuRegistry _registry = new();
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private readonly GpuSample _decoded = new();
    private readonly SampleValidator _validator = new(new ValidationSettings());
    private GpuSample _sample = null!;
    private RecordDecoder _decoder = null!;
    private RecordDecoder _cold = null!;
    private byte[] _record = [];
    private byte[] _shuffled = [];
    private byte[] _protobuf = [];
    private byte[] _event = [];

    /// <summary>Encodes the sample in every format.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _sample = BenchmarkSamples.Full(_registry);
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
    }

    /// <summary>A record of the collector, read by its known layout.</summary>
    [Benchmark(Baseline = true)]
    public RejectReason Decode() => _decoder.Decode(_record, default, _decoded);

    /// <summary>A record of a producer with another layout, read by the general reader.</summary>
    [Benchmark]
    public RejectReason DecodeGeneral() => _cold.Decode(_shuffled, default, _decoded);

    /// <summary>The same sample as Protobuf.</summary>
    [Benchmark]
    public RejectReason DecodeProtobuf() => _decoder.Decode(_protobuf, default, _decoded);

    /// <summary>A nested event of the replaced system: 20 metrics.</summary>
    [Benchmark]
    public RejectReason DecodeNested() => _decoder.Decode(_event, default, _decoded);

    /// <summary>Ranges, sentinels and clock.</summary>
    [Benchmark]
    public RejectReason Validate() => _validator.Validate(_sample, BenchmarkSamples.NoonMs);

    /// <summary>The collector writes JSON.</summary>
    [Benchmark]
    public int Encode()
    {
        _buffer.ResetWrittenCount();
        SampleEncoder.Write(_buffer, _sample);
        return _buffer.WrittenCount;
    }

    /// <summary>The collector writes Protobuf (<c>--format protobuf</c>).</summary>
    [Benchmark]
    public int EncodeProtobuf()
    {
        _buffer.ResetWrittenCount();
        ProtobufSampleWriter.Write(_buffer, _sample);
        return _buffer.WrittenCount;
    }

    private static string Event() =>
        """
            {"schema_version": "1.0", "event_type": "gpu_metric_sample", "timestamp": "2026-11-23T12:00:00.123456+00:00",
            "collection_timestamp": "2026-11-23T12:00:00.123456+00:00", "processing_timestamp": "2026-11-23T12:00:00.123456+00:00",
            "gpu": {"gpu_id": "265c9814", "gpu_uuid": "GPU-265c9814-6156-355b-e589-ff2064894f16", "device_index": 3,
            "pci_bus_id": "0000:5D:00.0", "name": "NVIDIA H100 80GB HBM3", "architecture": "Hopper", "compute_capability": "9.0"},
            "host": {"hostname": "node-0017", "cluster": "c1", "rack": "r1", "datacenter": "d1"},
            "metrics": {"health": {"gpu_temp_c": 65.0, "memory_temp_c": 72.0, "power_usage_w": 312.5, "throttle_reasons": 0,
            "throttle_reasons_decoded": []}, "memory": {"fb_used_mib": 73728, "fb_free_mib": 8192, "fb_total_mib": 81920,
            "utilization_pct": 90.0, "ecc_sbe_volatile": 12, "ecc_dbe_volatile": 0, "ecc_sbe_aggregate": 1847, "ecc_dbe_aggregate": 0,
            "retired_pages_sbe": 0, "retired_pages_dbe": 0}, "performance": {"sm_active_pct": 87.3, "sm_occupancy_pct": 45.2,
            "tensor_active_pct": 92.1, "dram_active_pct": 68.4, "pcie_tx_mb_per_sec": 145.2, "pcie_rx_mb_per_sec": 3892.1},
            "clocks": {"sm_clock_mhz": 1410, "mem_clock_mhz": 1593}}, "quality": {"collection_latency_ms": 0, "stale": false,
            "sample_count": 1, "error": null}}
            """;
}
