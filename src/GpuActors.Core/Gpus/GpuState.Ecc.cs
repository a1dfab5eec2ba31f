using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;

namespace GpuActors.Core.Gpus;

// Memory errors and what the GPU did about them.
public sealed partial class GpuState
{
    private const long WeekMs = 7 * 24 * HourMs;

    private bool _dbeOpen;

    private void JudgeErrorCounters(in Judgement now)
    {
        JudgeDbe(now);
        JudgeSbe(now);
    }

    // Open from the first increase until the counter is set back to 0: only a driver reload or a new board is evidence of repair.
    private void JudgeDbe(in Judgement now)
    {
        var value = Value(Metric.EccDbeVolatile);
        var increase = _increases[Metric.EccDbeVolatile];
        if (double.IsNaN(value) || (!(increase > 0) && !_dbeOpen && _conditions[RuleCatalog.EccDbe.Index].IsQuiet))
        {
            return;
        }

        _dbeOpen = value != 0 && (_dbeOpen || increase > 0);
        if (Turn(now, RuleCatalog.EccDbe, _dbeOpen) is { } state)
        {
            Add(
                now,
                RuleCatalog.EccDbe,
                state,
                value,
                0,
                FormattableString.Invariant(
                    $"{increase:0} new double-bit ECC {(increase == 1 ? "error" : "errors")} ({value:0} since driver load) on {Where()}"
                )
            );
        }
    }

    private void JudgeSbe(in Judgement now)
    {
        if (
            double.IsNaN(Value(Metric.EccSbeVolatile))
            || (!(_increases[Metric.EccSbeVolatile] > 0) && _conditions[RuleCatalog.EccSbeRate.Index].IsQuiet)
        )
        {
            return;
        }

        var rule = now.Rules.Of(RuleCatalog.EccSbeRate);
        var errors = _windows.LastMinutes(Metric.EccSbeVolatile, 60, now.TimeMs).Sum;
        var holds = errors > rule.MaxPerHour;
        if (!IsFiring(RuleCatalog.EccSbeRate))
        {
            // Not fewer in the later half than in the earlier.
            holds &= 2 * _windows.LastMinutes(Metric.EccSbeVolatile, 30, now.TimeMs).Sum >= errors;
        }
        else if (!holds)
        {
            holds = _windows.CoveredMinutes(Metric.EccSbeVolatile, 60, now.TimeMs) < rule.MinCovered.TotalMinutes; // Not seen is not over.
        }

        if (Turn(now, RuleCatalog.EccSbeRate, holds) is { } state)
        {
            Add(
                now,
                RuleCatalog.EccSbeRate,
                state,
                errors,
                rule.MaxPerHour,
                FormattableString.Invariant($"{errors:0} single-bit ECC errors within an hour on {Where()}")
            );
        }
    }

    private void JudgeMemoryRepair(in Judgement now)
    {
        JudgeRetiredPages(now);
        JudgeFlag(now, RuleCatalog.RetirementPending, Metric.RetiredPagesPending);
        JudgeFlag(now, RuleCatalog.RowRemapPending, Metric.RowRemapPending);
        JudgeFlag(now, RuleCatalog.RowRemapFailure, Metric.RowRemapFailure);
        JudgeFlag(now, RuleCatalog.SramThreshold, Metric.SramThresholdExceeded);
        JudgeFlag(now, RuleCatalog.MemoryUnrepairable, Metric.MemoryUnrepairable);
        if (
            Value(Metric.UncorrectableRemappedRows) is var rows
            && !double.IsNaN(rows)
            && Turn(now, RuleCatalog.RowRemapLimit, rows >= now.Rules.Of(RuleCatalog.RowRemapLimit).MaxRows) is { } state
        )
        {
            Add(
                now,
                RuleCatalog.RowRemapLimit,
                state,
                rows,
                now.Rules.Of(RuleCatalog.RowRemapLimit).MaxRows,
                FormattableString.Invariant($"{rows:0} rows remapped for uncorrectable errors on {Where()}")
            );
        }
    }

    private void JudgeFlag(in Judgement now, Rule kind, Metric metric)
    {
        var value = Value(metric);
        if (!double.IsNaN(value) && Turn(now, kind, value > 0) is { } state)
        {
            Add(now, kind, state, value, 0, $"{kind.Title} on {Where()}");
        }
    }

    private void JudgeRetiredPages(in Judgement now)
    {
        double sbe = Value(Metric.RetiredPagesSbe),
            dbe = Value(Metric.RetiredPagesDbe);
        if (double.IsNaN(sbe) && double.IsNaN(dbe))
        {
            return;
        }

        var rule = now.Rules.Of(RuleCatalog.RetiredPages);
        if (_increases[Metric.RetiredPagesDbe] is var more && more > 0)
        {
            const int Most = 64;
            _newDbePages.Enqueue((now.TimeMs, (int)more));
            if (_newDbePages.Count > Most)
            {
                _ = _newDbePages.Dequeue();
            }
        }

        while (_newDbePages.Count > 0 && _newDbePages.Peek().TimeMs < now.TimeMs - WeekMs)
        {
            _ = _newDbePages.Dequeue();
        }

        var pages = (double.IsNaN(sbe) ? 0 : sbe) + (double.IsNaN(dbe) ? 0 : dbe);
        var isNew = dbe > rule.MaxDbePages && NewDbePages() > rule.MaxNewDbePagesPerWeek;
        if (Turn(now, RuleCatalog.RetiredPages, pages >= rule.MaxPages || isNew) is { } state)
        {
            var what = isNew
                ? FormattableString.Invariant($"{dbe:0} pages retired for double-bit errors, {NewDbePages()} of them within a week,")
                : FormattableString.Invariant($"{pages:0} retired pages");
            Add(
                now,
                RuleCatalog.RetiredPages,
                state,
                isNew ? dbe : pages,
                isNew ? rule.MaxDbePages : rule.MaxPages,
                $"{what} on {Where()}"
            );
        }
    }

    private int NewDbePages()
    {
        var pages = 0;
        foreach (var (_, more) in _newDbePages)
        {
            pages += more;
        }

        return pages;
    }
}
