using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;
using GpuActors.Core.Windows;

namespace GpuActors.Core.Gpus;

/// <summary>
/// Rules on the clock event reasons (the throttle mask), bit by bit. Idle (0x1), application clocks (0x2), sync boost (0x10) and display
/// clocks (0x100) are normal and have no rule.
/// </summary>
internal sealed class ClockRules
{
    // Null while the bit was not set within the window: most GPUs never need one.
    private BitWindow? _swThermal,
        _powerCap;

    public void Evaluate(in Evaluation now)
    {
        var mask = now.Value(Metric.ThrottleReasons);
        if (double.IsNaN(mask))
        {
            return;
        }

        var bits = (int)mask;
        EvaluateBit(now, RuleCatalog.HwThermal, (bits & ThrottleBits.HwThermal) != 0);
        EvaluateBit(now, RuleCatalog.PowerBrake, (bits & ThrottleBits.PowerBrake) != 0);

        // The hardware sets 0x8 together with 0x40 and 0x80: then the alert is that of the specific cause, once it is open.
        var isNamed = now.IsFiring(RuleCatalog.HwThermal) || now.IsFiring(RuleCatalog.PowerBrake);
        EvaluateBit(now, RuleCatalog.HwSlowdown, (bits & ThrottleBits.HwSlowdown) != 0 && !isNamed);
        EvaluateDuty(now, RuleCatalog.SwThermal, ref _swThermal, (bits & ThrottleBits.SwThermal) != 0);
        EvaluateDuty(now, RuleCatalog.PowerCap, ref _powerCap, (bits & ThrottleBits.SwPowerCap) != 0);
    }

    public void Save(BinaryWriter writer)
    {
        SaveWindow(writer, _swThermal);
        SaveWindow(writer, _powerCap);
    }

    public void Load(BinaryReader reader)
    {
        _swThermal = LoadWindow(reader);
        _powerCap = LoadWindow(reader);
    }

    private static void EvaluateBit(in Evaluation now, Rule rule, bool set)
    {
        if (now.Update(rule, set) is { } state)
        {
            var settings = now.Rules.Of(rule);
            var count = now.Alerts.Of(rule).Held(settings.Of);
            var samples = Math.Min(settings.Of, now.Gpu.Samples);
            now.Add(rule, state, count, settings.Required, $"{rule.Title} in {count} of the last {samples} samples on {now.Where}");
        }
    }

    private static void EvaluateDuty(in Evaluation now, Rule<DutyRuleSettings> rule, ref BitWindow? window, bool set)
    {
        if (window is null)
        {
            if (!set)
            {
                return;
            }

            window = new BitWindow();
        }

        var settings = now.Rules.Of(rule);
        window.Add(now.TimeMs, set, settings.Window);
        var duty = window.Duty;
        if (now.Update(rule, window.Covered >= settings.MinCovered && duty >= settings.MinDuty) is { } state)
        {
            var minutes = window.Covered.TotalMinutes;
            now.Add(rule, state, duty, settings.MinDuty, $"{rule.Title} {duty:0%} of the last {minutes:0.#} minutes on {now.Where}");
        }

        if (window.Set == 0 && !now.IsFiring(rule))
        {
            window = null;
        }
    }

    private static void SaveWindow(BinaryWriter writer, BitWindow? window)
    {
        writer.Write(window is not null);
        window?.Save(writer);
    }

    private static BitWindow? LoadWindow(BinaryReader reader) => reader.ReadBoolean() ? BitWindow.Load(reader) : null;
}
