using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GpuActors.Collector.Exposition;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Collector.Tests.Exposition;

/// <summary>Damaged pages never cause an exception, and never assign a value to the wrong GPU.</summary>
public sealed class ExpositionMutationTests
{
    // All digits of the values of GPU n are n, so that a value assigned to the wrong GPU is detected even if digits were removed.
    private static readonly string[] Digits = ["1111", "2222", "3333", "4444"];

    public static TheoryData<string> Pages =>
        [
            "old-names",
            "new-names",
            "kubernetes-time-slicing",
            "mig",
            "hpc-jobs",
            "openmetrics",
            "nvlink",
            "sentinels",
            "default-counters",
            "federation",
            "windowed-counts-1",
        ];

    [Fact]
    public void A_damaged_line_never_assigns_a_value_to_another_gpu() =>
        Prop.ForAll(
                Gen.Choose(0, int.MaxValue).ToArbitrary(),
                seed =>
                {
                    var random = new Random(seed);
                    var parser = new ExpositionParser(new GpuRegistry());
                    var whole = Page();
                    Parse(parser, whole);
                    var lines = whole.Split('\n');
                    var damaged = random.Next(lines.Length);
                    lines[damaged] = Encoding.UTF8.GetString(Mutations.Of(Encoding.UTF8.GetBytes(lines[damaged]), random));

                    // If the damaged line still contains the GPU's id, its value may be read. Sums can include links that the damaged line
                    // names.
                    foreach (var page in new[] { string.Join('\n', lines), whole })
                    {
                        Parse(parser, page);
                        foreach (var sample in parser.Samples)
                        {
                            var gpu = Enumerable.Range(0, Digits.Length).SingleOrDefault(g => sample.Gpu.Id.Value == Uuid(g), -1);
                            if (gpu >= 0 && (page == whole || !lines[damaged].Contains(Uuid(gpu), StringComparison.Ordinal)))
                            {
                                Assert.All(
                                    MetricCatalog.All.Where(m => sample.Has(m.Metric) && !(page == whole && m.SumsLinks)),
                                    m => Assert.Equal(Expected(m.Metric, gpu), sample[m.Metric])
                                );
                            }
                        }

                        foreach (var instance in parser.MigInstances)
                        {
                            if (page == whole)
                            {
                                Assert.Equal(
                                    double.Parse(Digits[Array.FindIndex(Digits, d => instance.Gpu.Id.Value == Uuid(d[0] - '1'))]),
                                    instance[Metric.FbUsed]
                                );
                            }
                        }
                    }
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Theory]
    [MemberData(nameof(Pages))]
    public void Damaged_pages_never_throw_and_do_not_affect_the_next_page(string name)
    {
        var text = ExporterPagesTests.Text(name);
        var page = Encoding.UTF8.GetBytes(text);
        var expected = Values(new ExpositionParser(new GpuRegistry()), page);
        Prop.ForAll(
                Gen.Choose(0, int.MaxValue).ToArbitrary(),
                seed =>
                {
                    var random = new Random(seed);
                    var parser = new ExpositionParser(new GpuRegistry());
                    for (var i = 0; i < 5; i++)
                    {
                        parser.Parse(Mutations.Of(page, random), Given.NoonMs);
                    }

                    // Sums over links and throttle bits of clock events depend on earlier pages. All other values must not be affected.
                    var actual = Values(parser, page);
                    Assert.Equal(0, parser.Errors);
                    Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
                    foreach (var (key, value) in expected)
                    {
                        Assert.True(
                            MetricCatalog.Get(key.Metric).SumsLinks || key.Metric == Metric.ThrottleReasons || value.Equals(actual[key]),
                            $"{key} is {actual[key]}, not {value}"
                        );
                    }
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_value_of_a_truncated_page_equals_that_of_the_whole_page(string name)
    {
        var page = Encoding.UTF8.GetBytes(ExporterPagesTests.Text(name));
        var fresh = new ExpositionParser(new GpuRegistry());
        var whole = Values(fresh, page);
        Prop.ForAll(
                Gen.Choose(0, page.Length).ToArbitrary(),
                Gen.Elements(true, false).ToArbitrary(),
                (length, isFirst) =>
                {
                    var parser = isFirst ? new ExpositionParser(new GpuRegistry()) : fresh;
                    var values = Values(parser, page[..length]);

                    Assert.InRange(parser.Errors, 0, 1);
                    // After a complete line, the format does not distinguish a truncated page from a complete one. Values that combine
                    // several rows are then computed from the rows that are present.
                    var derived = parser.Errors == 0;
                    Assert.All(
                        values,
                        v =>
                            Assert.True(
                                double.IsNaN(v.Value)
                                    || v.Value.Equals(whole[v.Key])
                                    || (derived && (MetricCatalog.Get(v.Key.Metric).SumsLinks || v.Key.Metric == Metric.ThrottleReasons)),
                                $"{v.Key} is {v.Value}, not {whole[v.Key]}"
                            )
                    );
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(100));
    }

    private static Dictionary<(string Gpu, Metric Metric), double> Values(ExpositionParser parser, byte[] page)
    {
        parser.Parse(page, Given.NoonMs);
        return parser
            .Samples.ToArray()
            .SelectMany(s => MetricCatalog.All.Select(m => (Key: (s.Gpu.Id.Value, m.Metric), Value: s[m.Metric])))
            .ToDictionary(x => x.Key, x => x.Value);
    }

    private static double Expected(Metric metric, int gpu) => double.Parse(Digits[gpu]) * (metric == Metric.NvlinkReplayErrors ? 2 : 1);

    private static void Parse(ExpositionParser parser, string page) => parser.Parse(Encoding.UTF8.GetBytes(page), Given.NoonMs);

    private static string Page()
    {
        var page = new StringBuilder();
        Family("DCGM_FI_DEV_SM_CLOCK", g => $"gpu=\"{g}\",UUID=\"{Uuid(g)}\",modelName=\"NVIDIA H100, {{x}}\",pod=\"p\"");
        Family("DCGM_FI_DEV_FB_USED", g => $"gpu=\"{g}\",UUID=\"{Uuid(g)}\",GPU_I_PROFILE=\"1g.10gb\",GPU_I_ID=\"3\"");
        Family(
            "DCGM_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL",
            g => $"nvlink=\"0\",gpu_uuid=\"{Uuid(g)}\"",
            g => $"nvlink=\"1\",gpu_uuid=\"{Uuid(g)}\""
        );
        Family("DCGM_FI_DEV_NVLINK_THROUGHPUT_PER_LINK", g => $"nvlink=\"4\",gpu=\"{g}\",gpu_uuid=\"{Uuid(g)}\"");
        Family("DCGM_FI_DEV_XID_ERRORS", g => $"gpu=\"{g}\",UUID=\"{Uuid(g)}\",err_code=\"{Digits[g]}\",err_msg=\"a, \\\"b\\\"\"");
        return page.ToString();

        void Family(string name, params Func<int, string>[] labels)
        {
            page.Append("# TYPE ").Append(name).Append(" gauge\n");
            for (var gpu = 0; gpu < Digits.Length; gpu++)
            {
                foreach (var label in labels)
                {
                    page.Append(name).Append('{').Append(label(gpu)).Append("} ").Append(Digits[gpu]).Append('\n');
                }
            }
        }
    }

    private static string Uuid(int gpu) => $"GPU-{new string((char)('a' + gpu), 8)}-6156-355b-e589-ff2064894f16";
}
