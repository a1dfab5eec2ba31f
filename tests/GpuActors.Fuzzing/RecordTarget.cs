using System.Text;
using System.Text.Json;
using GpuActors.Core.Codecs;
using GpuActors.Core.Codecs.Protobuf;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;
using GpuActors.Core.Validation;

namespace GpuActors.Fuzzing;

/// <summary>
/// Records of <c>gpu-metrics-raw</c> in one format. For any input, a warm decoder and a new one must give the same result, a sample must
/// belong to a GPU that the record names, every value of a JSON sample must occur in the record's member <c>m</c>, and after validation
/// every value must be missing or in its range.
/// </summary>
internal sealed class RecordTarget(string name, IReadOnlyList<byte[]> seeds, string contentType) : FuzzTarget
{
    private readonly byte[] _contentType = Encoding.ASCII.GetBytes(contentType);
    private readonly GpuSample _sample = new();
    private readonly GpuSample _other = new();
    private GpuRegistry _registry = new();
    private RecordDecoder _decoder = null!;
    private SampleValidator _validator = null!;

    public override string Name => name;

    public override IReadOnlyList<byte[]> Seeds => seeds;

    public static RecordTarget Json() =>
        new("JSON sample", [.. FuzzSamples.All().Select(s => FuzzSamples.Encode(s, SampleEncoder.Write))], "");

    public static RecordTarget Protobuf() =>
        new(
            "Protobuf sample",
            [.. FuzzSamples.All().Select(s => FuzzSamples.Encode(s, ProtobufSampleWriter.Write))],
            ContentTypes.Protobuf
        );

    public static RecordTarget Nested() =>
        new(
            "nested event",
            [
                .. FuzzSamples.Ids.Select(
                    (id, i) =>
                        Encoding.UTF8.GetBytes(
                            $$$"""
                            {"schema_version": "1.0", "event_type": "gpu_metric_sample", "timestamp": {{{(
                                i % 2 == 0 ? "\"2026-11-23T12:00:00.123456+00:00\"" : "1795435200.5"
                            )}}}, "gpu": {"gpu_id": "265c9814", "gpu_uuid": "{{{id}}}",
                            "device_index": {{{i}}}, "pci_bus_id": "0000:5D:00.0",
                            "name": "NVIDIA H100"}, "host": {"hostname": "node-0017", "rack": "r1"},
                            "metrics": {"health": {"gpu_temp_c": 65.0, "power_usage_w": 312.5, "throttle_reasons": 0,
                            "throttle_reasons_decoded": ["HW_THERMAL"]},
                            "memory": {"fb_used_mib": 73728, "fb_free_mib": 8192, "fb_total_mib": 81920,
                            "utilization_pct": 90.0, "row_remap_pending": true},
                            "performance": {"sm_active_pct": 87.3}, "clocks": {"sm_clock_mhz": 1410}, "energy": {"total_energy_j": 7200}},
                            "quality": {"stale": false}}
                            """
                        )
                ),
                // The decoder must detect that this is a sample and not an event.
                FuzzSamples.Encode(FuzzSamples.All().Last(), SampleEncoder.Write),
            ],
            ""
        );

    public override void Renew()
    {
        _registry = new GpuRegistry();
        _decoder = new RecordDecoder(_registry);
        _validator = new SampleValidator(new ValidationSettings());
    }

    public override string Run(byte[] input, Random random)
    {
        _sample.Clear();
        _sample.Gpu = null!;
        var jsonBefore = _decoder.Json.FastRecords + _decoder.Json.GeneralRecords;
        var nestedBefore = _decoder.NestedRecords;
        var reason = _decoder.Decode(input, _contentType, _sample);
        if (random.Next(16) == 0)
        {
            AgreesWithFresh(input, reason);
        }

        if (reason != RejectReason.None)
        {
            Require(_decoder.LastDetail.Length > 0, "a reject without words");
            return reason.ToString();
        }

        Require(_sample.Gpu is not null, "a sample without GPU");
        Require(Names(input, _sample.Gpu!), $"the sample belongs to {_sample.Gpu}, which the record does not name");
        if (_decoder.Json.FastRecords + _decoder.Json.GeneralRecords > jsonBefore && _decoder.NestedRecords == nestedBefore)
        {
            HasOnlyValuesOf(input);
        }

        return SampleInvariants.Check(_sample, _validator, random, Require) is RejectReason.None
            ? "accepted"
            : "accepted, then refused by the validator";
    }

    private void AgreesWithFresh(byte[] input, RejectReason reason)
    {
        _other.Clear();
        Require(new RecordDecoder(_registry).Decode(input, _contentType, _other) == reason, "a fresh decoder decides otherwise");
        if (reason == RejectReason.None)
        {
            SampleInvariants.AreSame(_sample, _other, Require);
        }
    }

    private static bool Names(byte[] input, GpuIdentity gpu)
    {
        if (input.AsSpan().IndexOf(gpu.Utf8.Span) >= 0)
        {
            return true;
        }

        // The id may be written with JSON escapes.
        using var json = JsonDocument.Parse(WithoutMark(input));
        return Texts(json.RootElement).Contains(gpu.Id.Value, StringComparer.Ordinal);
    }

    private static IEnumerable<string> Texts(JsonElement json) =>
        json.ValueKind switch
        {
            JsonValueKind.Object => json.EnumerateObject().SelectMany(m => Texts(m.Value)),
            JsonValueKind.String when json.GetRawText().Contains('\\', StringComparison.Ordinal) && TryText(json) is { } text => [text],
            _ => [],
        };

    private static string? TryText(JsonElement json)
    {
        try
        {
            return json.GetString();
        }
        catch (InvalidOperationException)
        {
            return null; // Another member has an invalid escape.
        }
    }

    private void HasOnlyValuesOf(byte[] input)
    {
        using var json = JsonDocument.Parse(WithoutMark(input));
        var values = json.RootElement.EnumerateObject().Where(m => IsNamed(m, "m")).SelectMany(m => m.Value.EnumerateObject()).ToList();
        foreach (var metric in MetricCatalog.All)
        {
            if (_sample.Has(metric.Metric))
            {
                Require(
                    values.Exists(v =>
                        IsNamed(v, metric.Name)
                        && v.Value.ValueKind == JsonValueKind.Number
                        && v.Value.GetDouble().Equals(_sample[metric.Metric])
                    ),
                    $"{metric.Name} is {_sample[metric.Metric]:R}, which does not occur in the record"
                );
            }
        }
    }

    private static bool IsNamed(JsonProperty member, string name)
    {
        try
        {
            return member.NameEquals(name);
        }
        catch (InvalidOperationException)
        {
            return false; // The name has an invalid escape.
        }
    }

    private static ReadOnlyMemory<byte> WithoutMark(byte[] input) =>
        input.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? input.AsMemory(3) : input;
}
