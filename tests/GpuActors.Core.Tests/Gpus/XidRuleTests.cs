using GpuActors.Core.Alerts;
using GpuActors.Core.Logs;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Core.Xids;

namespace GpuActors.Core.Tests.Gpus;

/// <summary>XIDs from kernel log, windowed count and gauge, each with its quirks.</summary>
public sealed class XidRuleTests
{
    private readonly GpuTimeline _gpu = new();
    private long _logOffset;

    // The public recipe increase(XID_ERRORS[1h]) > 0 takes the change from 43 to 79 for 36 errors and a fall for none.
    [Fact]
    public void A_code_is_not_a_count()
    {
        _ = _gpu.Run(Metric.XidErrors, [43, 79, 48]);
        Assert.Equal(["1 xid firing", "2 xid firing"], _gpu.Story);
        Assert.Equal([79, 48], _gpu.Transitions.Select(t => (int)t.Value));
    }

    // dcgm-exporter issue 700: since 4.5 a GPU has no row of the gauge until its first XID.
    [Fact]
    public void A_gauge_that_appears_on_a_known_gpu_is_an_event_and_in_its_first_sample_a_baseline()
    {
        Idle(0);
        Idle(30);
        Idle(60);
        Sample(90, 95);
        Sample(120, 95);
        Assert.Equal(["90 xid firing"], _gpu.Story);

        var other = new XidRuleTests();
        other.Sample(0, 95);
        other.Sample(30, 95);
        Assert.Empty(other._gpu.Story);

        void Idle(double second) => _ = _gpu.At(second, (Metric.GpuTemp, 50));
    }

    [Fact]
    public void An_xid_in_the_sample_that_shows_a_reload_stays_open()
    {
        Energy(0, 5e12, 0);
        Energy(1, 5e12 + 700_000, 48);
        Energy(300, 900_000, 79);
        Assert.Equal(["1 xid firing", "300 xid resolved", "300 xid firing"], _gpu.Story);
    }

    [Fact]
    public void An_xid_of_the_log_after_the_reload_stays_open_and_one_before_it_ends()
    {
        Energy(0, 5e12, 0);
        Log(1, 48);
        Log(295, 79);
        // 1 kJ at 100 W: the driver has run for 10 s.
        Energy(300, 1_000_000, 79, watts: 100);
        Assert.Equal(["1 xid firing", "295 xid firing", "300 xid resolved"], _gpu.Story);
        Assert.Equal(48, _gpu.Transitions[^1].Value);
    }

    [Fact]
    public void The_same_code_before_and_after_a_reload_is_two_occurrences()
    {
        Energy(0, 5e12, 0);
        Log(1, 79);
        Energy(60, 2_000_000, 0, watts: 100);
        Energy(70, 3_000_000, 79, watts: 100);
        Assert.Equal(["1 xid firing", "60 xid resolved", "70 xid firing"], _gpu.Story);
    }

    // A second replica behind one address answers with a page that is seconds older.
    [Fact]
    public void An_older_page_is_no_reload()
    {
        Energy(0, 9_876_543_210_000, 0);
        Energy(10, 9_876_550_000_000, 79);
        Energy(20, 9_876_540_760_328, 79);
        Energy(30, 9_876_560_000_000, 79);
        Assert.Equal(["10 xid firing"], _gpu.Story);
        Assert.Equal(long.MinValue / 2, _gpu.State.BootMs);
    }

    [Fact]
    public void A_line_of_the_kernel_log_fires_at_once_and_its_text_is_kept_as_code()
    {
        _ = _gpu.At(0, (Metric.XidErrors, 0));
        Log(5, 79);
        Assert.Equal(["5 xid firing"], _gpu.Story);
        Assert.Equal(new XidRecord(79, 1, At(5), At(5), XidSource.KernelLog), Assert.Single(_gpu.State.Status(_gpu.Rules).Xids));
    }

    [Fact]
    public void The_same_occurrence_in_log_count_and_gauge_is_counted_once_whichever_comes_first()
    {
        _ = _gpu.At(0, (Metric.XidErrors, 0));
        Log(5, 79);
        Sample(6, 79, new XidCount(79, 1));
        Assert.Equal(1, Assert.Single(_gpu.State.Xids.Records).Count);

        var other = new XidRuleTests();
        _ = other._gpu.At(0, (Metric.XidErrors, 0));
        other.Sample(5, 48, new XidCount(48, 1));
        other.Log(6, 48);
        Assert.Equal(new XidRecord(48, 1, At(5), At(6), XidSource.KernelLog), Assert.Single(other._gpu.State.Xids.Records));
        Assert.Equal(["5 xid firing"], other._gpu.Story);
    }

    // dcgm-exporter 190: a repeat of the same code is invisible in the gauge.
    [Fact]
    public void A_repeat_that_the_gauge_hides_is_seen_in_the_log_and_in_the_count()
    {
        _ = _gpu.At(0, (Metric.XidErrors, 0));
        Sample(1, 94, new XidCount(94, 1));
        Sample(200, 94, new XidCount(94, 2));
        Log(400, 94);
        Log(401, 94);
        Assert.Equal(4, Assert.Single(_gpu.State.Xids.Records).Count);
    }

    // DCGM 235: XID 62 hidden by 45 within one interval.
    [Fact]
    public void Two_codes_in_one_interval_are_both_counted()
    {
        _ = _gpu.At(0, (Metric.XidErrors, 0));
        Sample(1, 45, new XidCount(62, 1), new XidCount(45, 3));
        Assert.Equal([(45, 3L), (62, 1L)], _gpu.State.Xids.Records.Select(r => (r.Code, r.Count)));
        Assert.Equal(["1 xid firing"], _gpu.Story);
    }

    [Fact]
    public void A_count_that_slides_out_of_its_window_and_comes_again_is_new()
    {
        _ = _gpu.At(0, (Metric.XidErrors, 0));
        Sample(1, 63, new XidCount(63, 1));
        Sample(301, 63);
        Sample(900, 63, new XidCount(63, 1));
        Assert.Equal(2, Assert.Single(_gpu.State.Xids.Records).Count);
    }

    [Fact]
    public void Counts_of_the_first_page_are_a_baseline()
    {
        Sample(0, 0, new XidCount(79, 2));
        Sample(1, 0, new XidCount(79, 2));
        Assert.Empty(_gpu.Story);
        Sample(2, 0, new XidCount(79, 3));
        Assert.Equal(["2 xid firing"], _gpu.Story);
    }

    // An exporter's restart sets the gauge to 0; only the energy counter shows that the driver was reloaded.
    [Fact]
    public void An_exporters_restart_repairs_nothing_and_a_driver_reload_does()
    {
        void At(double second, double xid, double energy) =>
            _ = _gpu.At(second, (Metric.XidErrors, xid), (Metric.EnergyConsumption, energy));
        At(0, 0, 1000);
        At(1, 79, 2000);
        At(2, 0, 3000);
        At(3, 79, 4000);
        Assert.Equal(["1 xid firing"], _gpu.Story);
        At(4, 0, 10);
        Assert.Equal(["1 xid firing", "4 xid resolved"], _gpu.Story);
    }

    [Fact]
    public void The_same_code_in_five_bursts_within_a_day_escalates()
    {
        _ = _gpu.At(0, (Metric.XidErrors, 0));
        for (var burst = 0; burst < 5; burst++)
        {
            for (var line = 0; line < 20; line++)
            {
                Log((burst * 3600) + line, 119);
            }
        }

        Assert.Equal(["0 xid firing", "14400 xid_repeated firing"], _gpu.Story);
        Assert.Equal(RecommendedAction.ContactSupport, _gpu.Transitions[1].Action);
        _ = _gpu.At(30 * 3600, (Metric.XidErrors, 0));
        _ = _gpu.At((30 * 3600) + 120, (Metric.XidErrors, 0));
        Assert.Equal("108120 xid_repeated resolved", _gpu.Story.Last());
    }

    // NVSentinel 1712: 168,924 XID 45 against 10 of all others in two days.
    [Theory]
    [InlineData(45)]
    [InlineData(43)]
    [InlineData(31)]
    [InlineData(13)]
    public void A_storm_of_application_xids_raises_nothing_critical(int code)
    {
        _ = _gpu.At(0, (Metric.XidErrors, 0));
        for (var line = 0; line < 10_000; line++)
        {
            Log(line * 0.36, code);
        }

        Assert.Empty(_gpu.Story);
        Assert.Equal(10_000, Assert.Single(_gpu.State.Xids.Records).Count);
    }

    [Fact]
    public void An_application_xid_again_and_again_on_one_gpu_is_an_information()
    {
        for (var burst = 0; burst < 3; burst++)
        {
            Log(burst * 3600, 31);
        }

        Assert.Equal(["7200 xid_application firing"], _gpu.Story);
        Assert.Equal(AlertSeverity.Info, _gpu.Transitions[0].Severity);
    }

    [Fact]
    public void A_code_ends_the_alert_that_the_policy_names()
    {
        Log(0, 163);
        Log(60, 162);
        Assert.Equal(["0 xid firing", "60 xid resolved"], _gpu.Story);
    }

    [Fact]
    public void A_switchs_error_is_an_alert_of_its_own_kind()
    {
        Log(0, 12028, KernelLogKind.SXid);
        Assert.Equal(["0 sxid firing"], _gpu.Story);
        Assert.Empty(_gpu.State.Xids.Records);
    }

    [Fact]
    public void A_collectors_word_on_the_exporter_counts_until_the_next_sample()
    {
        _ = _gpu.At(0, (Metric.XidErrors, 0));
        Log(5, 0, KernelLogKind.ExporterDown);
        Assert.True(_gpu.State.ExporterIsDown);
        Assert.Empty(_gpu.State.Xids.Records);
        _ = _gpu.At(10, (Metric.XidErrors, 0));
        Assert.False(_gpu.State.ExporterIsDown);
        Log(6, 0, KernelLogKind.ExporterDown);
        Assert.False(_gpu.State.ExporterIsDown);
    }

    [Fact]
    public void A_log_that_is_replayed_changes_nothing()
    {
        Log(5, 79);
        _logOffset = 0;
        Log(5, 79);
        Assert.Equal(1, Assert.Single(_gpu.State.Xids.Records).Count);
    }

    [Theory]
    [InlineData(145, "RLW_RXPIPE Nonfatal XC0 i0 Link 13 (0x0409a0c2 0x00000008", AlertSeverity.Warning)]
    [InlineData(149, "NETIR Fatal XC0 i0 Link -1 (0x000fe406)", AlertSeverity.Critical)]
    [InlineData(148, "NVLPW_CTRL Fatal XC0 i0 Link 05", AlertSeverity.Critical)]
    [InlineData(137, "RLW_RXPIPE interrupt hit on link 11 on GPU0: PRIV Error", AlertSeverity.Warning)]
    [InlineData(74, "NVLink: fatal error detected on link 14(0x0, 0x0, 0x10000, 0x0, 0x0, 0x0, 0x0)", AlertSeverity.Critical)]
    [InlineData(71, "NVLink: fatal error detected on link 6", AlertSeverity.Warning)]
    [InlineData(
        160,
        "Marking Channel 3 in FBPA 2 along with its pair for repair. Perform node reboot to activate repair.",
        AlertSeverity.Warning
    )]
    [InlineData(161, "Repairing Channel failed as there are no more spare channels.", AlertSeverity.Warning)]
    [InlineData(157, "Unable to retire TPC 7 from GPC 3 as there are no spare TPCs available.", AlertSeverity.Warning)]
    [InlineData(152, "nothing of importance", AlertSeverity.Info)]
    public void The_drivers_text_is_in_the_alert_and_a_fatal_one_is_critical(int code, string text, AlertSeverity severity)
    {
        Log(1, code, text: $"NVRM: Xid (PCI:0000:3b:00): {code}, pid='<unknown>', name=<unknown>, {text}");

        var alert = Assert.Single(_gpu.Transitions);
        Assert.Equal(severity, alert.Severity);
        Assert.EndsWith($"on node-0017: {text}", alert.Summary, StringComparison.Ordinal);
        Assert.Equal(severity, Assert.Single(_gpu.State.Status(_gpu.Rules).OpenAlerts).Severity);
    }

    [Theory]
    [InlineData("24007, Fatal, Link 12 sourcetrack timeout error (First)", AlertSeverity.Critical)]
    [InlineData("22013, Non-fatal, Link 60 Minion Link DLREQ interrupt", AlertSeverity.Warning)]
    [InlineData("10001, Non-fatal, PRI WRITE SYSB error, instance=3", AlertSeverity.Warning)]
    public void A_fatal_sxid_is_critical(string text, AlertSeverity severity)
    {
        Log(1, 24007, KernelLogKind.SXid, $"nvidia-nvswitch1: SXid (PCI:0000:aa:00.0): {text}");

        Assert.Equal(severity, Assert.Single(_gpu.Transitions).Severity);
    }

    [Fact]
    public void An_open_alert_that_becomes_fatal_is_published_again()
    {
        Log(1, 145, text: "NVRM: Xid (PCI:0000:3b:00): 145, RLW_RXPIPE Nonfatal XC0 i0 Link 13");
        Log(2, 145, text: "NVRM: Xid (PCI:0000:3b:00): 145, RLW_RXPIPE Fatal XC0 i0 Link 13");
        Log(3, 145, text: "NVRM: Xid (PCI:0000:3b:00): 145, RLW_RXPIPE Nonfatal XC0 i0 Link 13");
        Log(4, 145, text: "NVRM: Xid (PCI:0000:3b:00): 145, RLW_RXPIPE Fatal XC0 i0 Link 13");

        Assert.Equal([(1, AlertSeverity.Warning), (2, AlertSeverity.Critical)], _gpu.Transitions.Select(t => (t.Seq, t.Severity)));
        Assert.Single(_gpu.Transitions.Select(t => t.AlertId).Distinct());
        Assert.Equal(AlertSeverity.Critical, Assert.Single(_gpu.State.Status(_gpu.Rules).OpenAlerts).Severity);
    }

    [Theory]
    [InlineData("0x0 (None) to 0x1 (GPU Reset Required)", RecommendedAction.ResetGpu)]
    [InlineData("0x0 (None) to 0x1 (PF FLR)", RecommendedAction.ResetGpu)]
    [InlineData("0x0 (None) to 0x2 (OS Reboot)", RecommendedAction.RebootNode)]
    [InlineData("0x0 (None) to 0x2 (Node Reboot Required)", RecommendedAction.RebootNode)]
    [InlineData("0x0 (None) to 0x3 (Drain P2P)", RecommendedAction.DrainAndInspect)]
    public void An_xid_154_is_the_drivers_recovery_action_until_it_is_none(string text, string action)
    {
        var second = 0;
        Healthy();
        Log(1, 154, text: $"NVRM: Xid (PCI:0000:3b:00): 154, GPU recovery action changed from {text}");
        Healthy();
        Log(3, 154, text: "NVRM: Xid (PCI:0000:3b:00): 154, GPU recovery action changed");
        Healthy();
        Log(301, 154, text: "NVRM: Xid (PCI:0000:3b:00): 154, GPU recovery action changed from 0x3 (Drain P2P) to 0x0 (None)");
        second = 400;
        Healthy();

        Assert.Equal(["recovery_action", "recovery_action"], _gpu.Transitions.Select(t => t.Rule));
        Assert.Equal((action, AlertState.Firing), (_gpu.Transitions[0].Action, _gpu.Transitions[0].State));
        Assert.Equal(AlertState.Resolved, _gpu.Transitions[1].State);

        void Healthy() => _ = _gpu.At(second += 2, (Metric.GpuTemp, 60));
    }

    [Fact]
    public void A_recovery_action_is_hidden_while_an_open_alert_asks_for_as_much()
    {
        Log(1, 62, text: "NVRM: Xid (PCI:0000:3b:00): 62, 00002740");
        Log(2, 154, text: "NVRM: Xid (PCI:0000:3b:00): 154, GPU recovery action changed from 0x0 (None) to 0x1 (GPU Reset Required)");
        _ = _gpu.Run(Metric.GpuTemp, Enumerable.Repeat(60.0, 20));
        Assert.Equal(["1 xid firing"], _gpu.Story);

        Log(30, 154, text: "NVRM: Xid (PCI:0000:3b:00): 154, GPU recovery action changed from 0x1 (GPU Reset Required) to 0x2 (OS Reboot)");
        for (var second = 31; second < 40; second++)
        {
            _ = _gpu.At(second, (Metric.GpuTemp, 60));
        }

        Assert.Equal(["xid", "recovery_action"], _gpu.Transitions.Select(t => t.Rule));
    }

    [Fact]
    public void Reports_that_a_collector_has_summed_up_count_each()
    {
        Log(1, 95);
        Log(120, 95, count: 1_198);

        Assert.Equal(1_199, Assert.Single(_gpu.State.Xids.Records).Count);
        Assert.Single(_gpu.Transitions);
    }

    [Fact]
    public void A_ledger_has_room_for_many_codes_and_forgets_the_oldest()
    {
        for (var code = 1000; code < 1100; code++)
        {
            Log(code, code);
        }

        Assert.Equal(Enumerable.Range(1100 - XidLedger.MostCodes, XidLedger.MostCodes), _gpu.State.Xids.Records.Select(r => r.Code));
    }

    [Fact]
    public void A_report_that_is_read_before_the_first_sample_labels_its_alert()
    {
        var line = new KernelLogEvent(GpuId.Parse(Given.Gpu), KernelLogKind.Xid, 79, At(1), "node-0017", "00000000:3b:00.0", "a line")
        {
            Index = 3,
            Model = "NVIDIA H100 80GB HBM3",
            Driver = "550.127.08",
        };
        _ = _gpu.State.Apply(line, 0, 0, At(1) + 5, _gpu.Rules, _gpu.Transitions);

        var labels = Assert.Single(_gpu.Transitions).Labels;
        Assert.Equal(("3", "NVIDIA H100 80GB HBM3"), (labels["gpu_index"], labels["model"]));
    }

    private static long At(double second) => Given.NoonMs + (long)(second * 1000);

    private void Log(double second, int code, KernelLogKind kind = KernelLogKind.Xid, string text = "a line", int count = 1)
    {
        var line = new KernelLogEvent(GpuId.Parse(Given.Gpu), kind, code, At(second), "node-0017", "00000000:3b:00.0", text)
        {
            Count = count,
        };
        _ = _gpu.State.Apply(line, 0, _logOffset++, At(second) + 5, _gpu.Rules, _gpu.Transitions);
    }

    private void Energy(double second, double energy, int xid, double watts = double.NaN) =>
        _ = _gpu.At(second, (Metric.XidErrors, xid), (Metric.EnergyConsumption, energy), (Metric.PowerUsage, watts));

    private void Sample(double second, double xid, params XidCount[] counts) =>
        _ = _gpu.At(second, sample => Array.ForEach(counts, c => sample.AddXidCount(c)), (Metric.XidErrors, xid));
}
