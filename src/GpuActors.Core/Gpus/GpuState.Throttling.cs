using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;
using GpuActors.Core.Windows;

namespace GpuActors.Core.Gpus;

// The throttle mask, bit by bit. Idle (0x1), application clocks (0x2), sync boost (0x10) and display clocks (0x100) are normal and never
// judged.
public sealed partial class GpuState
{
    private void JudgeThrottling(in Judgement now)
    {
        var mask = Value(Metric.ThrottleReasons);
        if (double.IsNaN(mask))
        {
            return;
        }

        var bits = (int)mask;
        JudgeBit(now, RuleCatalog.HwThermal, (bits & ThrottleBits.HwThermal) != 0);
        JudgeBit(now, RuleCatalog.PowerBrake, (bits & ThrottleBits.PowerBrake) != 0);

        // 0x8 goes with 0x40 and 0x80: the specific cause is the alert.
        var unnamed = (bits & (ThrottleBits.HwSlowdown | ThrottleBits.HwThermal | ThrottleBits.PowerBrake)) == ThrottleBits.HwSlowdown;
        JudgeBit(now, RuleCatalog.HwSlowdown, unnamed && !IsFiring(RuleCatalog.HwThermal) && !IsFiring(RuleCatalog.PowerBrake));
        JudgeDuty(
            now,
            RuleCatalog.SwThermal,
            now.Rules.Of(RuleCatalog.SwThermal),
            ref _swThermalWindow,
            (bits & ThrottleBits.SwThermal) != 0
        );
        JudgeDuty(
            now,
            RuleCatalog.PowerCap,
            now.Rules.Of(RuleCatalog.PowerCap),
            ref _powerCapWindow,
            (bits & ThrottleBits.SwPowerCap) != 0
        );
    }

    private void JudgeBit(in Judgement now, Rule kind, bool set)
    {
        if (Turn(now, kind, set) is { } state)
        {
            var rule = now.Rules.Of(kind);
            var count = _conditions[kind.Index].Held(rule.Of);
            Add(
                now,
                kind,
                state,
                count,
                rule.Required,
                FormattableString.Invariant($"{kind.Title} in {count} of the last {Math.Min(rule.Of, _samples)} samples on {Where()}")
            );
        }
    }

    private void JudgeDuty(in Judgement now, Rule kind, DutyRuleSettings rule, ref BitWindow? window, bool set)
    {
        if (window is null)
        {
            if (!set)
            {
                return;
            }

            window = new BitWindow();
        }

        window.Add(now.TimeMs, set, rule.Window);
        var duty = window.Duty;
        if (Turn(now, kind, window.Covered >= rule.MinCovered && duty >= rule.MinDuty) is { } state)
        {
            Add(
                now,
                kind,
                state,
                duty,
                rule.MinDuty,
                FormattableString.Invariant($"{kind.Title} {duty:0%} of the last {window.Covered.TotalMinutes:0.#} minutes on {Where()}")
            );
        }

        if (window.Set == 0 && !IsFiring(kind))
        {
            window = null;
        }
    }
}
