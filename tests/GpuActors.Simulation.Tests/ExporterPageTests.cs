using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;
using GpuActors.Core.Validation;
using GpuActors.Simulation.Faults;

namespace GpuActors.Simulation.Tests;

/// <summary>Pages have the format of a real exporter and are reproducible to the byte.</summary>
public sealed partial class ExporterPageTests
{
    [Fact]
    public void The_same_seed_start_and_faults_give_the_same_bytes_for_any_number_of_reads()
    {
        Pages often = new Pages().With(FaultKind.PowerBrake),
            once = new Pages().With(FaultKind.PowerBrake);
        for (var second = 0; second < 120; second++)
        {
            _ = often.At(second);
        }

        Assert.Equal(often.At(120), once.At(120));
    }

    [Fact]
    public void Another_seed_gives_another_fleet()
    {
        Pages first = new(seed: 1),
            second = new(seed: 2);
        Assert.Empty(first.Fleet.Gpus.Select(g => g.Uuid).Intersect(second.Fleet.Gpus.Select(g => g.Uuid)));
        Assert.NotEqual(first.ReadAt(60, 0, Metric.EnergyConsumption), second.ReadAt(60, 0, Metric.EnergyConsumption));
    }

    [Fact]
    public void Every_row_is_one_that_dcgm_exporter_could_have_written()
    {
        var lines = Encoding.UTF8.GetString(new Pages().At(30)!).Split('\n');
        Assert.Equal("", lines[^1]);
        var family = "";
        foreach (var line in lines[..^1])
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                family = line.Split(' ')[2];
                continue;
            }

            if (line[0] == '#')
            {
                Assert.Matches($"^# TYPE {family} (gauge|counter)$", line);
                continue;
            }

            Assert.StartsWith(family + "{", line, StringComparison.Ordinal);
            Assert.Matches(Row(), line);
        }
    }

    [Fact]
    public void Ratios_and_watts_have_six_decimals_and_everything_else_none()
    {
        foreach (
            var line in Encoding.UTF8.GetString(new Pages().At(30)!).Split('\n').Where(l => l.StartsWith("DCGM", StringComparison.Ordinal))
        )
        {
            var metric = MetricCatalog.All.Single(m => m.ExporterNames[0] == line[..line.IndexOf('{', StringComparison.Ordinal)]);
            Assert.Matches(metric.Unit is "ratio" or "watts" ? @"^\d+\.\d{6}$" : @"^-?\d+$", line[(line.LastIndexOf(' ') + 1)..]);
        }
    }

    [Fact]
    public void A_page_is_parsed_completely_and_every_value_is_plausible()
    {
        var pages = new Pages();
        var validator = new SampleValidator(new ValidationSettings());
        // SXM modules have no fan, and the H100 does not retire pages.
        var expected = MetricCatalog
            .All.Select(m => m.Metric)
            .Except([Metric.FanSpeed, Metric.RetiredPagesSbe, Metric.RetiredPagesDbe, Metric.RetiredPagesPending])
            .ToList();
        for (var second = 0; second < 900; second += 30)
        {
            foreach (var values in pages.ReadAt(second).Values)
            {
                var sample = new GpuSample { TimeMs = Pages.StartMs };
                values.CopyTo(sample.Values);
                Assert.Equal(RejectReason.None, validator.Validate(sample, Pages.StartMs));
                Assert.Equal(expected, MetricCatalog.All.Select(m => m.Metric).Where(sample.Has));
            }
        }

        Assert.Equal(0, validator.ImplausibleTotal);
    }

    [Fact]
    public void The_page_of_a_host_has_exactly_its_gpus()
    {
        var pages = new Pages(20);
        foreach (var host in pages.Fleet.Hosts)
        {
            var page = Encoding.UTF8.GetString(pages.At(5, host)!);
            Assert.All(pages.Fleet.Gpus, g => Assert.Equal(g.Host == host, page.Contains(g.Uuid, StringComparison.Ordinal)));
            Assert.Equal(
                Enumerable.Range(0, pages.Fleet.Gpus.Count(g => g.Host == host)).Select(i => i.ToString(CultureInfo.InvariantCulture)),
                Regex.Matches(page, "DCGM_FI_DEV_GPU_TEMP\\{gpu=\"(\\d+)\"").Select(m => m.Groups[1].Value)
            );
        }
    }

    [GeneratedRegex(
        "^DCGM_FI_(DEV|PROF)_[A-Z0-9_]+\\{gpu=\"\\d\",UUID=\"GPU-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\","
            + "pci_bus_id=\"00000000:[0-9A-F]{2}:00.0\",device=\"nvidia\\d\",modelName=\"NVIDIA H100 80GB HBM3\","
            + "hostname=\"(dc-east-01|uk-south-01)-n\\d{3}\",DCGM_FI_DRIVER_VERSION=\"[0-9.]+\"\\} \\S+$"
    )]
    private static partial Regex Row();
}
