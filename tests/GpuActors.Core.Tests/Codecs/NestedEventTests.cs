using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using GpuActors.Core.Codecs;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;
using GpuActors.Core.Validation;

namespace GpuActors.Core.Tests.Codecs;

/// <summary>
/// The nested events of the replaced system: units are converted to those of the catalogue, and placeholders become missing values.
/// </summary>
public sealed class NestedEventTests
{
    // The example in that system's documentation.
    private const string Example = """
        {
          "schema_version": "1.0",
          "event_type": "gpu_metric_sample",
          "timestamp": "2026-11-23T12:00:00.123Z",
          "collection_timestamp": "2026-11-23T12:00:00.100Z",
          "processing_timestamp": "2026-11-23T12:00:00.125Z",
          "gpu": {
            "gpu_id": "GPU-265c9814", "gpu_uuid": "GPU-265c9814-6156-355b-e589-ff2064894f16", "device_index": 3,
            "pci_bus_id": "0000:3B:00.0", "name": "NVIDIA A100-SXM4-80GB", "architecture": "Ampere", "compute_capability": "8.0"
          },
          "host": { "hostname": "gpu-node-042", "cluster": "production-cluster-1", "rack": "rack-12", "datacenter": "us-west-2a" },
          "metrics": {
            "health": {
              "gpu_temp_c": 65, "memory_temp_c": 72, "power_usage_w": 312.5,
              "throttle_reasons": 132, "throttle_reasons_decoded": ["HW_POWER_BRAKE", "SW_POWER_CAP"]
            },
            "memory": {
              "fb_used_mib": 73728, "fb_free_mib": 8192, "fb_total_mib": 81920, "utilization_pct": 90.0,
              "ecc_sbe_volatile": 12, "ecc_dbe_volatile": 0, "ecc_sbe_aggregate": 1847, "ecc_dbe_aggregate": 0,
              "retired_pages_sbe": 0, "retired_pages_dbe": 0
            },
            "performance": {
              "sm_active_pct": 87.3, "sm_occupancy_pct": 45.2, "tensor_active_pct": 92.1, "dram_active_pct": 68.4,
              "pcie_tx_mb_per_sec": 145.25, "pcie_rx_mb_per_sec": 3892.5
            },
            "clocks": { "sm_clock_mhz": 1410, "mem_clock_mhz": 1593 }
          },
          "quality": { "collection_latency_ms": 23, "stale": false, "sample_count": 1, "error": null }
        }
        """;

    private readonly GpuRegistry _registry = new();

    [Fact]
    public void The_documented_example_is_converted_to_the_catalogues_units()
    {
        var sample = Read(Example);

        Assert.Equal(Given.Gpu, sample.Gpu.Id.Value);
        Assert.Equal(new GpuInfo("gpu-node-042", 3, "00000000:3b:00.0", "NVIDIA A100-SXM4-80GB", ""), sample.Info);
        Assert.Equal(Given.NoonMs + 123, sample.TimeMs);
        Assert.Equal(
            new Dictionary<Metric, double>
            {
                [Metric.GpuTemp] = 65,
                [Metric.MemoryTemp] = 72,
                [Metric.PowerUsage] = 312.5,
                [Metric.ThrottleReasons] = 0x84,
                [Metric.EccSbeVolatile] = 12,
                [Metric.EccDbeVolatile] = 0,
                [Metric.EccSbeAggregate] = 1847,
                [Metric.EccDbeAggregate] = 0,
                [Metric.SmClock] = 1410,
                [Metric.MemClock] = 1593,
                [Metric.FbUsed] = 73728,
                [Metric.FbFree] = 8192,
                [Metric.FbTotal] = 81920,
                [Metric.SmActive] = 0.873,
                [Metric.SmOccupancy] = 0.452,
                [Metric.TensorActive] = 0.921,
                [Metric.DramActive] = 0.684,
                [Metric.PcieTxBytes] = 145.25 * 1048576,
                [Metric.PcieRxBytes] = 3892.5 * 1048576,
                [Metric.FbUsedRatio] = 0.9,
                [Metric.RetiredPagesSbe] = 0,
                [Metric.RetiredPagesDbe] = 0,
            },
            MetricCatalog.All.Where(m => sample.Has(m.Metric)).ToDictionary(m => m.Metric, m => Math.Round(sample[m.Metric], 12))
        );
    }

    [Fact]
    public void Every_member_of_the_table_is_converted_in_any_order() =>
        Prop.ForAll(
                PlausibleSamples.Values,
                Gen.Choose(0, int.MaxValue).ToArbitrary(),
                (values, seed) =>
                {
                    var random = new Random(seed);
                    // In percent: with smaller values alone the event would have ratios.
                    values[(int)Metric.SmActive] = 0.5;
                    // One member per metric, because several members of one metric would overwrite each other.
                    var names = NestedEventNames.All.GroupBy(n => n.Metric).Select(g => g.ElementAt(random.Next(g.Count()))).ToArray();
                    var metrics = new JsonObject(
                        names
                            .GroupBy(n => n.Section)
                            .Select(section => new KeyValuePair<string, JsonNode?>(
                                section.Key,
                                new JsonObject(
                                    section
                                        .Select(n => (n, value: values[(int)n.Metric]))
                                        .Where(x => !double.IsNaN(x.value))
                                        .Select(x => new KeyValuePair<string, JsonNode?>(
                                            x.n.Member,
                                            JsonValue.Create(x.value * x.n.Per / x.n.Times)
                                        ))
                                )
                            ))
                    );
                    var json = JsonNode.Parse(Example)!.AsObject();
                    json["metrics"] = metrics;
                    var members = json.Select(m => new KeyValuePair<string, JsonNode?>(m.Key, m.Value?.DeepClone())).ToArray();
                    random.Shuffle(members);

                    var sample = Read(new JsonObject(members).ToJsonString());

                    foreach (var name in names)
                    {
                        var (wanted, read) = (
                            name.ZeroIsMissing && values[(int)name.Metric] == 0 ? double.NaN : values[(int)name.Metric],
                            sample[name.Metric]
                        );
                        if (name.Metric is not (Metric.FbUsed or Metric.FbFree or Metric.FbUsedRatio) || sample.Has(Metric.FbTotal))
                        {
                            // The value is rounded twice: to the event's unit here and back to the catalogue's unit in the reader.
                            var same = double.IsNaN(wanted) ? double.IsNaN(read) : Math.Abs(wanted - read) <= Math.Abs(wanted) * 5e-16;
                            Assert.True(same, $"{name}: {wanted:R} became {read:R}");
                        }
                    }
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void Sections_and_members_of_the_table_are_unique_and_lie_in_the_known_sections()
    {
        Assert.Equal(NestedEventNames.All.Count, NestedEventNames.All.DistinctBy(n => (n.Section, n.Member)).Count());
        Assert.All(
            NestedEventNames.All,
            n => Assert.Contains(n.Section, new[] { "health", "memory", "performance", "clocks", "cooling", "energy" })
        );
        Assert.All(
            NestedEventNames.All,
            n => Assert.Same(n, NestedEventNames.Find(Encoding.UTF8.GetBytes(n.Section), Encoding.UTF8.GetBytes(n.Member)))
        );
    }

    [Theory]
    [InlineData("\"2026-11-23T12:00:00.123456+00:00\"", 123)] // Python's isoformat()
    [InlineData("\"2026-11-23T12:00:00+00:00\"", 0)] // Python's isoformat() omits a fraction of zero
    [InlineData("\"2026-11-23T13:30:00.5+01:30\"", 500)]
    [InlineData("\"2026-11-23T04:00:00-08:00\"", 0)]
    [InlineData("\"2026-11-23T12:00:00Z\"", 0)]
    [InlineData("1795435200", 0)]
    [InlineData("1795435200.25", 250)]
    [InlineData("1795435200250", 250)]
    public void Times_come_as_text_with_an_offset_or_as_unix_seconds_or_milliseconds(string time, long ms) =>
        Assert.Equal(Given.NoonMs + ms, Read(With("timestamp", time)).TimeMs);

    [Fact]
    public void Without_a_timestamp_the_collection_timestamp_is_used() =>
        Assert.Equal(Given.NoonMs + 100, Read(With("timestamp", "null")).TimeMs);

    [Fact]
    public void Zeros_written_for_absent_values_are_missing()
    {
        var sample = Read(
            WithMetrics(
                """{"health":{"gpu_temp_c":0,"memory_temp_c":0,"power_usage_w":0},"memory":{"fb_used_mib":0,"fb_free_mib":0"""
                    + ""","fb_total_mib":0,"utilization_pct":0.0},"clocks":{"sm_clock_mhz":0,"mem_clock_mhz":0}}"""
            )
        );

        Assert.All(MetricCatalog.All, m => Assert.False(sample.Has(m.Metric), m.Name));
    }

    [Fact]
    public void The_member_gpu_id_does_not_identify_a_gpu() =>
        Assert.Equal(RejectReason.MissingGpu, Refused(Example.Replace("\"gpu_uuid\"", "\"other\"", StringComparison.Ordinal)).Reason);

    [Fact]
    public void The_uuid_unknown_is_treated_as_missing() =>
        Assert.Equal(
            (RejectReason.MissingGpu, "Member 'gpu.gpu_uuid' is 'unknown'"),
            Refused(Example.Replace(Given.Gpu, "unknown", StringComparison.Ordinal))
        );

    [Theory]
    [InlineData("""{"throttle_reasons_decoded":["HW_SLOWDOWN","HW_THERMAL","SW_THERMAL"]}""", 0x68, 0)]
    [InlineData("""{"throttle_reasons":["hw_power_brake_slowdown","gpu_idle"]}""", 0x81, 0)]
    [InlineData("""{"throttle_reasons_decoded":[]}""", 0, 0)]
    [InlineData("""{"throttle_reasons_decoded":["HW_THERMAL"],"throttle_reasons":4}""", 4, 0)] // the list knows only five reasons
    [InlineData("""{"throttle_reasons":null,"throttle_reasons_decoded":["SOMETHING_NEW",7,"SW_POWER_CAP"]}""", 4, 2)]
    public void Throttle_reasons_come_as_mask_or_as_names(string health, double mask, int unknown)
    {
        var reader = new NestedEventReader(_registry);
        var sample = new GpuSample();

        Assert.Equal(RejectReason.None, reader.Read(Encoding.UTF8.GetBytes(WithMetrics($"{{\"health\":{health}}}")), sample));
        Assert.Equal(mask, sample[Metric.ThrottleReasons]);
        Assert.Equal(unknown, reader.UnknownMetrics);
    }

    [Fact]
    public void Energy_is_accepted_in_millijoules_joules_and_kilowatt_hours()
    {
        Assert.Equal(7_200_000, Read(WithMetrics("""{"energy":{"total_energy_mj":7200000}}"""))[Metric.EnergyConsumption]);
        Assert.Equal(7_200_000, Read(WithMetrics("""{"energy":{"total_energy_j":7200}}"""))[Metric.EnergyConsumption]);
        Assert.Equal(7_200_000, Read(WithMetrics("""{"energy":{"total_energy_kwh":0.002}}"""))[Metric.EnergyConsumption]);
    }

    [Fact]
    public void Flags_are_accepted_as_booleans_too()
    {
        var sample = Read(WithMetrics("""{"memory":{"row_remap_pending":true,"row_remap_failure":false}}"""));

        Assert.Equal(1, sample[Metric.RowRemapPending]);
        Assert.Equal(0, sample[Metric.RowRemapFailure]);
    }

    [Fact]
    public void Members_that_are_not_in_the_table_are_counted_by_name_and_ignored()
    {
        var unknown = new UnknownMembers();
        var reader = new NestedEventReader(_registry, unknown);
        var sample = new GpuSample();

        Assert.Equal(
            RejectReason.None,
            reader.Read(
                Encoding.UTF8.GetBytes(WithMetrics("""{"health":{"gpu_temp_c":61,"mood":"good"},"network":{"rx":1,"tx":{"a":[2]}}}""")),
                sample
            )
        );
        Assert.Equal(3, reader.UnknownMetrics);
        Assert.Equal(61, sample[Metric.GpuTemp]);
        Assert.Equal([new("health.mood", 1), new("network.rx", 1), new("network.tx", 1)], unknown.Counts);
    }

    [Fact]
    public void Unknown_members_are_told_apart_up_to_a_limit()
    {
        var unknown = new UnknownMembers();
        var reader = new NestedEventReader(_registry, unknown);
        var members = Enumerable.Range(0, 150).Select(n => $"\"m{n}\":{n}").Append($"\"{new string('x', 100)}\":1");

        reader.Read(Encoding.UTF8.GetBytes(WithMetrics($"{{\"health\":{{{string.Join(',', members)}}}}}")), new GpuSample());

        Assert.Equal(UnknownMembers.MostNames + 1, unknown.Counts.Count);
        Assert.Equal(51, unknown.Counts.Single(member => member.Key == UnknownMembers.Other).Value);
    }

    [Theory]
    [InlineData("NaN")] // Python's json.dumps writes these three
    [InlineData("Infinity")]
    [InlineData("-Infinity")]
    [InlineData("1e999")]
    [InlineData("-1e999")]
    public void Numbers_that_are_not_finite_are_missing(string number)
    {
        var sample = Read(
            WithMetrics($"{{\"health\":{{\"power_usage_w\":{number},\"gpu_temp_c\":61}},\"performance\":{{\"sm_active_pct\":{number}}}}}")
        );

        Assert.Equal(Metric.GpuTemp, Assert.Single(MetricCatalog.All, m => sample.Has(m.Metric)).Metric);
    }

    [Fact]
    public void Text_that_looks_like_such_a_number_stays()
    {
        var json = With("host", """{"hostname":"NaN\\\"Infinity"}""").Replace("312.5", "NaN", StringComparison.Ordinal);

        Assert.Equal("NaN\\\"Infinity", Read(json).Info.Host);
    }

    [Theory]
    [InlineData(0.92926, 0.5, 0.92926, 0.5)] // a real exporter's ratios under the names of percentages
    [InlineData(1, 0, 1, 0)]
    [InlineData(92.926, 0.5, 0.92926, 0.005)]
    public void Profiling_values_are_ratios_where_none_of_the_event_exceeds_one(
        double sm,
        double tensor,
        double smRatio,
        double tensorRatio
    )
    {
        var sample = Read(
            WithMetrics(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{{\"performance\":{{\"sm_active_pct\":{sm},\"tensor_active_pct\":{tensor},\"mem_copy_utilization_pct\":1}}}}"
                )
            )
        );

        Assert.Equal(smRatio, sample[Metric.SmActive], 12);
        Assert.Equal(tensorRatio, sample[Metric.TensorActive], 12);
        Assert.Equal(1, sample[Metric.MemCopyUtilization]);
    }

    [Fact]
    public void The_names_that_the_collector_of_the_replaced_system_sends_are_known()
    {
        var sample = Read(
            WithMetrics("""{"energy":{"total_energy_consumption_mj":7200000},"performance":{"memory_copy_utilization_pct":31}}""")
        );

        Assert.Equal(7_200_000, sample[Metric.EnergyConsumption]);
        Assert.Equal(31, sample[Metric.MemCopyUtilization]);
    }

    [Fact]
    public void Blank_sentinels_become_missing_in_the_validator_for_every_unit()
    {
        var sample = Read(
            WithMetrics(
                """{"health":{"gpu_temp_c":61,"power_usage_w":140737488355328},"performance":"""
                    + """{"sm_active_pct":140737488355328,"pcie_tx_mb_per_sec":9223372036854775792},"clocks":"""
                    + """{"sm_clock_mhz":2147483632}}"""
            )
        );
        var validator = new SampleValidator(new ValidationSettings());

        Assert.Equal(RejectReason.None, validator.Validate(sample, sample.TimeMs));
        Assert.Equal(4, validator.ImplausibleTotal);
        Assert.Equal(Metric.GpuTemp, Assert.Single(MetricCatalog.All, m => sample.Has(m.Metric)).Metric);
    }

    [Theory]
    [InlineData("schema_version", "\"1.1\"", RejectReason.UnknownVersion, "'schema_version' is '1.1'")]
    [InlineData("schema_version", "1.0", RejectReason.WrongType, "'schema_version'")]
    [InlineData("event_type", "\"gpu_alert\"", RejectReason.UnknownFormat, "'event_type' is 'gpu_alert'")]
    [InlineData("timestamp", "\"2026-11-23T12:00:00\"", RejectReason.InvalidTime, "offset")]
    [InlineData("timestamp", "\"2026-11-23T12:00:00+24:00\"", RejectReason.InvalidTime, "offset")]
    [InlineData("timestamp", "-1", RejectReason.InvalidTime, "Unix")]
    [InlineData("timestamp", "1e300", RejectReason.InvalidTime, "Unix")]
    [InlineData("timestamp", "{}", RejectReason.WrongType, "'timestamp'")]
    [InlineData("gpu", "\"GPU-1\"", RejectReason.WrongType, "'gpu'")]
    [InlineData("gpu", "{\"gpu_uuid\":7}", RejectReason.WrongType, "'gpu.gpu_uuid'")]
    [InlineData("gpu", "{\"gpu_uuid\":\"a b\"}", RejectReason.InvalidGpu, "printable")]
    [InlineData("gpu", "{\"gpu_uuid\":\"a\",\"device_index\":1.5}", RejectReason.WrongType, "'gpu.device_index'")]
    [InlineData("gpu", "{\"gpu_uuid\":\"\\ud800\"}", RejectReason.MalformedJson, "escape")]
    [InlineData("host", "[]", RejectReason.WrongType, "'host'")]
    [InlineData("metrics", "[]", RejectReason.WrongType, "'metrics'")]
    [InlineData("metrics", "{\"health\":5}", RejectReason.WrongType, "'metrics.health'")]
    [InlineData("metrics", "{\"health\":{\"gpu_temp_c\":\"61\"}}", RejectReason.WrongType, "'metrics.health.gpu_temp_c'")]
    [InlineData("metrics", "{\"health\":{\"gpu_temp_c\":nan}}", RejectReason.MalformedJson, "line")]
    [InlineData("metrics", "{}}", RejectReason.MalformedJson, "line")]
    public void Invalid_records_are_rejected_with_a_reason_and_an_error_text(string member, string value, RejectReason reason, string words)
    {
        var refused = Refused(With(member, value));

        Assert.Equal(reason, refused.Reason);
        Assert.Contains(words, refused.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("schema_version", RejectReason.UnknownVersion)]
    [InlineData("event_type", RejectReason.UnknownFormat)]
    [InlineData("gpu", RejectReason.MissingGpu)]
    public void Missing_members_are_named(string member, RejectReason reason)
    {
        var refused = Refused(Example.Replace($"\"{member}\"", "\"other\"", StringComparison.Ordinal));

        Assert.Equal(reason, refused.Reason);
        Assert.Contains($"'{member}", refused.Detail, StringComparison.Ordinal);
    }

    private (RejectReason Reason, string Detail) Refused(string json)
    {
        var reader = new NestedEventReader(_registry);
        return (reader.Read(Encoding.UTF8.GetBytes(json), new GpuSample()), reader.LastDetail);
    }

    private GpuSample Read(string json)
    {
        var reader = new NestedEventReader(_registry);
        var sample = new GpuSample();
        var reason = reader.Read(Encoding.UTF8.GetBytes(json), sample);
        Assert.True(reason == RejectReason.None, reader.LastDetail);
        return sample;
    }

    private static string WithMetrics(string metrics) => With("metrics", metrics);

    // The value is inserted as text, because it need not be valid JSON.
    private static string With(string member, string value)
    {
        using var json = JsonDocument.Parse(Example);
        return "{"
            + string.Join(
                ",",
                json.RootElement.EnumerateObject().Select(m => $"\"{m.Name}\":{(m.Name == member ? value : m.Value.GetRawText())}")
            )
            + "}";
    }
}
