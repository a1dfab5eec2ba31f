using GpuActors.Core.Alerts;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;
using GpuActors.Core.Xids;

namespace GpuActors.Core.Gpus;

/// <summary>Rules on memory errors and on how the GPU repairs its memory: ECC counters, retired pages, remapped rows.</summary>
internal sealed class MemoryRules
{
    private const long WeekMs = 7 * 24 * 3_600_000L;

    // Further increases within a week make no difference to an alert that is open long before.
    private const int MaxPageIncreases = 64;

    private readonly Queue<(long TimeMs, int Pages)> _newDbePages = new(); // Of the last week.
    private bool _dbeOpen;

    public void Evaluate(in Evaluation now, XidLedger xids)
    {
        EvaluateDoubleBitErrors(now, xids);
        EvaluateSingleBitErrors(now);
        EvaluateRetiredPages(now);
        EvaluateFlag(now, RuleCatalog.RetirementPending, Metric.RetiredPagesPending);
        EvaluateFlag(now, RuleCatalog.RowRemapPending, Metric.RowRemapPending);
        EvaluateFlag(now, RuleCatalog.RowRemapFailure, Metric.RowRemapFailure);
        EvaluateFlag(now, RuleCatalog.SramThreshold, Metric.SramThresholdExceeded);
        EvaluateFlag(now, RuleCatalog.MemoryUnrepairable, Metric.MemoryUnrepairable);
        EvaluateRemappedRows(now);
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(_dbeOpen);
        writer.Write7BitEncodedInt(_newDbePages.Count);
        foreach (var (timeMs, pages) in _newDbePages)
        {
            writer.Write(timeMs);
            writer.Write7BitEncodedInt(pages);
        }
    }

    public void Load(BinaryReader reader)
    {
        _dbeOpen = reader.ReadBoolean();
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            _newDbePages.Enqueue((reader.ReadInt64(), reader.Read7BitEncodedInt()));
        }
    }

    // Open from the first increase until the counter is back at 0: only a driver reload or another board is evidence of repair. Errors from
    // before the first sample may be old, and somebody may know of them: they are told, but wake nobody.
    private void EvaluateDoubleBitErrors(in Evaluation now, XidLedger xids)
    {
        var rule = RuleCatalog.EccDbe;
        var value = now.Value(Metric.EccDbeVolatile);
        var increase = now.Increase(Metric.EccDbeVolatile);
        var isFirstSight = now.Gpu.Samples == 1 && value > 0 && !now.IsFiring(rule) && !IsKnown(xids);
        if (double.IsNaN(value) || (!(increase > 0) && !isFirstSight && !_dbeOpen && now.IsQuiet(rule)))
        {
            return;
        }

        _dbeOpen = value != 0 && (_dbeOpen || increase > 0 || isFirstSight);
        var state = now.Update(rule, _dbeOpen);
        if (state is null && increase > 0 && now.IsMilder(rule))
        {
            state = now.Worsen(rule);
        }

        if (state is { } changed && isFirstSight)
        {
            var text = $"{value:0} double-bit ECC errors since driver load on {now.Where}, from before its first sample";
            now.Add(rule, changed, value, 0, $"{text}", AlertSeverity.Info, RecommendedAction.None);
        }
        else if (state is not null)
        {
            var errors = increase == 1 ? "error" : "errors";
            now.Add(rule, state.Value, value, 0, $"{increase:0} new double-bit ECC {errors} ({value:0} since driver load) on {now.Where}");
        }
    }

    // 48, 94 and 95 tell of uncorrectable errors.
    private static bool IsKnown(XidLedger xids) => xids.LastMs(48) > 0 || xids.LastMs(94) > 0 || xids.LastMs(95) > 0;

    private static void EvaluateSingleBitErrors(in Evaluation now)
    {
        if (
            double.IsNaN(now.Value(Metric.EccSbeVolatile))
            || (!(now.Increase(Metric.EccSbeVolatile) > 0) && now.IsQuiet(RuleCatalog.EccSbeRate))
        )
        {
            return;
        }

        var settings = now.Rules.Of(RuleCatalog.EccSbeRate);
        var errors = now.Windows.LastMinutes(Metric.EccSbeVolatile, 60, now.TimeMs).Sum;
        var holds = errors > settings.MaxPerHour;
        if (!now.IsFiring(RuleCatalog.EccSbeRate))
        {
            // Opens only when the later half hour has at least as many errors as the earlier.
            holds &= 2 * now.Windows.LastMinutes(Metric.EccSbeVolatile, 30, now.TimeMs).Sum >= errors;
        }
        else if (!holds)
        {
            // Does not resolve while minutes without samples could hide errors.
            holds = now.Windows.CoveredMinutes(Metric.EccSbeVolatile, 60, now.TimeMs) < settings.MinCovered.TotalMinutes;
        }

        if (now.Update(RuleCatalog.EccSbeRate, holds) is { } state)
        {
            now.Add(
                RuleCatalog.EccSbeRate,
                state,
                errors,
                settings.MaxPerHour,
                $"{errors:0} single-bit ECC errors within an hour on {now.Where}"
            );
        }
    }

    private void EvaluateRetiredPages(in Evaluation now)
    {
        double sbe = now.Value(Metric.RetiredPagesSbe),
            dbe = now.Value(Metric.RetiredPagesDbe);
        if (double.IsNaN(sbe) && double.IsNaN(dbe))
        {
            return;
        }

        var settings = now.Rules.Of(RuleCatalog.RetiredPages);
        CountNewPages(now);
        var pages = (double.IsNaN(sbe) ? 0 : sbe) + (double.IsNaN(dbe) ? 0 : dbe);
        var isNew = dbe > settings.MaxDbePages && NewDbePages() > settings.MaxNewDbePagesPerWeek;
        if (now.Update(RuleCatalog.RetiredPages, pages >= settings.MaxPages || isNew) is not { } state)
        {
            return;
        }

        if (isNew)
        {
            now.Add(
                RuleCatalog.RetiredPages,
                state,
                dbe,
                settings.MaxDbePages,
                $"{dbe:0} pages retired for double-bit errors, {NewDbePages()} of them within a week, on {now.Where}"
            );
        }
        else
        {
            now.Add(RuleCatalog.RetiredPages, state, pages, settings.MaxPages, $"{pages:0} retired pages on {now.Where}");
        }
    }

    private void CountNewPages(in Evaluation now)
    {
        if (now.Increase(Metric.RetiredPagesDbe) is var more && more > 0)
        {
            _newDbePages.Enqueue((now.TimeMs, (int)more));
            if (_newDbePages.Count > MaxPageIncreases)
            {
                _ = _newDbePages.Dequeue();
            }
        }

        while (_newDbePages.Count > 0 && _newDbePages.Peek().TimeMs < now.TimeMs - WeekMs)
        {
            _ = _newDbePages.Dequeue();
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

    private static void EvaluateFlag(in Evaluation now, Rule rule, Metric metric)
    {
        var value = now.Value(metric);
        if (!double.IsNaN(value) && now.Update(rule, value > 0) is { } state)
        {
            now.Add(rule, state, value, 0, $"{rule.Title} on {now.Where}");
        }
    }

    private static void EvaluateRemappedRows(in Evaluation now)
    {
        var rows = now.Value(Metric.UncorrectableRemappedRows);
        var maxRows = now.Rules.Of(RuleCatalog.RowRemapLimit).MaxRows;
        if (!double.IsNaN(rows) && now.Update(RuleCatalog.RowRemapLimit, rows >= maxRows) is { } state)
        {
            now.Add(RuleCatalog.RowRemapLimit, state, rows, maxRows, $"{rows:0} rows remapped for uncorrectable errors on {now.Where}");
        }
    }
}
