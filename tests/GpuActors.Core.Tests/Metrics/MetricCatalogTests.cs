using GpuActors.Core.Metrics;

namespace GpuActors.Core.Tests.Metrics;

public sealed class MetricCatalogTests
{
    [Fact]
    public void The_index_of_every_metric_is_its_slot()
    {
        Assert.Equal(Enum.GetValues<Metric>(), MetricCatalog.All.Select(m => m.Metric));
        Assert.Equal(MetricCatalog.Count, MetricCatalog.All.Length);
        Assert.All(Enum.GetValues<Metric>(), m => Assert.Equal(m, MetricCatalog.Get(m).Metric));
    }

    [Fact]
    public void Names_and_field_ids_are_unique_and_well_formed()
    {
        Assert.Equal(MetricCatalog.Count, MetricCatalog.ByName.Count);
        Assert.All(MetricCatalog.All, m => Assert.Matches("^[a-z][a-z0-9]*(_[a-z0-9]+)*$", m.Name));
        Assert.Equal(MetricCatalog.Count, MetricCatalog.All.Select(m => m.DcgmFieldId).Distinct().Count());
        var exporterNames = MetricCatalog.All.SelectMany(m => m.ExporterNames).ToList();
        Assert.Equal(exporterNames.Count, exporterNames.Distinct().Count());
        Assert.All(exporterNames, n => Assert.Matches("^DCGM_FI_(DEV|PROF)_[A-Z0-9_]+$", n));
    }

    [Fact]
    public void Ranges_are_not_empty_and_fit_their_columns()
    {
        Assert.All(MetricCatalog.All, m => Assert.True(m.Min < m.Max, m.Name));
        Assert.All(MetricCatalog.All.Where(m => m.Column == ColumnType.SmallInt), m => Assert.InRange(m.Max, 0, short.MaxValue));
        Assert.All(MetricCatalog.All.Where(m => m.Column == ColumnType.Integer), m => Assert.InRange(m.Max, 0, int.MaxValue));
        Assert.All(MetricCatalog.All.Where(m => m.Kind == MetricKind.Counter), m => Assert.Equal(ColumnType.BigInt, m.Column));
    }

    [Fact]
    public void Metrics_that_rules_need_are_required() =>
        Assert.Superset(
            new HashSet<string> { "throttle_reasons", "ecc_sbe_volatile", "ecc_dbe_volatile", "xid_errors" },
            MetricCatalog.All.Where(m => m.Required).Select(m => m.Name).ToHashSet()
        );

    [Theory]
    [InlineData(Metric.GpuTemp, 150, "DCGM_FI_DEV_GPU_TEMP")]
    [InlineData(Metric.ThrottleReasons, 112, "DCGM_FI_DEV_CLOCK_THROTTLE_REASONS")]
    [InlineData(Metric.XidErrors, 230, "DCGM_FI_DEV_XID_ERRORS")]
    [InlineData(Metric.EccDbeVolatile, 311, "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL")]
    [InlineData(Metric.GrEngineActive, 1001, "DCGM_FI_PROF_GR_ENGINE_ACTIVE")]
    [InlineData(Metric.NvlinkBandwidthL11, 480, "DCGM_FI_DEV_NVLINK_BANDWIDTH_L11")]
    public void Field_ids_and_names_are_those_of_dcgm(Metric metric, int field, string name)
    {
        Assert.Equal(field, MetricCatalog.Get(metric).DcgmFieldId);
        Assert.Equal(name, MetricCatalog.Get(metric).ExporterNames[0]);
    }
}
