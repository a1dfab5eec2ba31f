using GpuActors.Core.Alerts;
using GpuActors.Core.Gpus;
using GpuActors.Core.Logs;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Tests.Gpus;

/// <summary>What collectors report of an exporter that can't be scraped.</summary>
public sealed class ExporterRuleTests
{
    private static readonly GpuId Exporter = GpuId.Parse("EXPORTER-node-0017:9400/metrics");
    private readonly RuleSettings _rules = new();
    private readonly List<AlertTransition> _transitions = [];
    private GpuState _state = new(Exporter);
    private long _offset;

    [Fact]
    public void It_is_one_warning_with_the_status_that_becomes_critical_after_five_minutes_and_ends_when_it_answers()
    {
        for (var second = 0; second <= 330; second += 5)
        {
            Report(second, KernelLogKind.ExporterDown);
        }

        Report(340, KernelLogKind.ExporterUp);
        Report(350, KernelLogKind.ExporterUp);

        Assert.Equal(
            [(0, AlertSeverity.Warning), (300, AlertSeverity.Critical), (340, AlertSeverity.Critical)],
            _transitions.Select(t => ((int)((t.SourceTimeMs - Given.NoonMs) / 1000), t.Severity))
        );
        Assert.Equal([1, 2, 3], _transitions.Select(t => t.Seq));
        Assert.Equal("The exporter node-0017:9400/metrics can't be scraped: HTTP 500 InternalServerError", _transitions[0].Summary);
        Assert.Equal(
            ("exporter_down", "node-0017", AlertState.Resolved),
            (_transitions[2].Rule, _transitions[2].Labels.Host, _transitions[2].State)
        );
    }

    [Fact]
    public void It_is_critical_at_once_when_one_of_its_gpus_has_fallen_off_the_bus()
    {
        Report(0, KernelLogKind.ExporterDown);
        Report(5, KernelLogKind.ExporterDown, code: 79);

        Assert.Equal([AlertSeverity.Warning, AlertSeverity.Critical], _transitions.Select(t => t.Severity));
    }

    [Fact]
    public void A_restarted_node_goes_on()
    {
        Report(0, KernelLogKind.ExporterDown);
        _state = GpuState.Load(Exporter, _state.Save());
        Report(10, KernelLogKind.ExporterDown);
        Assert.Equal("exporter_down", Assert.Single(_state.Status(_rules).OpenAlerts).Rule);
        Report(20, KernelLogKind.ExporterUp);

        Assert.Equal([1, 2], _transitions.Select(t => t.Seq));
        Assert.Empty(_state.Status(_rules).OpenAlerts);
    }

    private void Report(double second, KernelLogKind kind, int code = 0)
    {
        var at = Given.NoonMs + (long)(second * 1000);
        var line = new KernelLogEvent(Exporter, kind, code, at, "node-0017", "", "HTTP 500 InternalServerError");
        Assert.True(_state.Apply(line, 0, _offset++, at + 5, _rules, _transitions));
    }
}
