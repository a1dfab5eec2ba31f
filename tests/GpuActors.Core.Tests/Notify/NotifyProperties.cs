using FsCheck;
using FsCheck.Fluent;

namespace GpuActors.Core.Tests.Notify;

/// <summary>What holds of pages whatever happens: alerts, silences, acknowledgements, takeovers and time in any order.</summary>
public sealed class NotifyProperties
{
    // Nobody is left without a page, and nobody is paged twice for the same reason; a successor at any moment changes nothing.
    [Fact]
    public void Every_urgent_fault_has_a_page_and_none_pages_twice_without_a_new_reason() =>
        Prop.ForAll(
                Gen.ArrayOf(Step, 40).ToArbitrary(),
                steps =>
                {
                    var model = new PageModel();
                    var pager = new Pager();
                    var now = 0L;
                    foreach (var step in steps)
                    {
                        now += step.PauseMs;
                        var before = pager.Pages.Count;
                        pager = step.TakesOver ? pager.Restored() : pager;
                        step.Do(pager.State, now);
                        _ = pager.Decide(now);
                        model.Check(pager, pager.Pages.Skip(before).ToList(), now);
                    }
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void A_successor_pages_as_its_predecessor_would_have() =>
        Prop.ForAll(
                Gen.ArrayOf(Step, 40).ToArbitrary(),
                steps =>
                {
                    Pager undisturbed = new(),
                        takenOver = new();
                    var now = 0L;
                    foreach (var step in steps)
                    {
                        now += step.PauseMs;
                        takenOver = step.TakesOver ? takenOver.Restored() : takenOver;
                        foreach (var pager in new[] { undisturbed, takenOver })
                        {
                            step.Do(pager.State, now);
                            _ = pager.Decide(now);
                        }
                    }

                    Assert.Equal(
                        undisturbed.Pages.Select(p => (p.PageId, p.Reason, p.AlertsTotal)),
                        takenOver.Pages.Select(p => (p.PageId, p.Reason, p.AlertsTotal))
                    );
                    Assert.Equal(
                        undisturbed.State.Alerts().Select(a => (a.Alert.AlertId, a.Cover, a.SilencedBy, a.AcknowledgedBy)),
                        takenOver.State.Alerts().Select(a => (a.Alert.AlertId, a.Cover, a.SilencedBy, a.AcknowledgedBy))
                    );
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static Gen<NotifyStep> Step =>
        from kind in Gen.Frequency(
            (8, Gen.Constant(NotifyStep.StepKind.Fire)),
            (6, Gen.Constant(NotifyStep.StepKind.Resolve)),
            (2, Gen.Constant(NotifyStep.StepKind.Silence)),
            (1, Gen.Constant(NotifyStep.StepKind.ExpireSilence)),
            (2, Gen.Constant(NotifyStep.StepKind.Acknowledge)),
            (1, Gen.Constant(NotifyStep.StepKind.Unacknowledge)),
            (3, Gen.Constant(NotifyStep.StepKind.Nothing))
        )
        from host in Gen.Choose(0, 5)
        from gpu in Gen.Choose(0, 1)
        from rule in Gen.Elements("power_brake", "xid", "ecc_dbe", "host_absent", "ecc_sbe")
        from pause in Gen.Elements(0L, 1_000, 30_000, 5 * Durations.MinuteMs, 15 * Durations.MinuteMs, 5 * Durations.HourMs)
        from takesOver in Gen.Frequency((4, Gen.Constant(false)), (1, Gen.Constant(true)))
        select new NotifyStep(kind, host, gpu, rule, pause, takesOver);
}
