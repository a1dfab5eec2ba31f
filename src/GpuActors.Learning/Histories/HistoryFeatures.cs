using System.Globalization;
using System.Text.RegularExpressions;

namespace GpuActors.Learning.Histories;

/// <summary>
/// Features of a GPU from the life and repair log alone, for a fleet without telemetry or from the time before it: ages, place, own
/// failures and those of the fleet. Only what was known at the cut is used: a span counts from its start, its end and its event count from
/// their time.
/// </summary>
public sealed partial class HistoryFeatures
{
    private const double DayMs = 86_400_000;
    private const long RecentMs = 30L * 86_400_000;
    private const long QuarterMs = 90L * 86_400_000;
    private const long HalfYearMs = 180L * 86_400_000;

    // A cohort of few GPUs has its own rate only as far as its GPUs outweigh so many of the fleet's.
    private const int PriorGpus = 20;

    private readonly IReadOnlyList<GpuHistory> _gpus;
    private readonly string[] _kinds;
    private readonly int _placeNumbers;
    private readonly Dictionary<string, float[]> _places = new(StringComparer.Ordinal);
    private readonly long[] _failureTimes;
    private readonly int[] _cohorts;
    private readonly long[][] _cohortFailures;

    /// <summary>Prepares the features of a fleet.</summary>
    /// <param name="gpus">The fleet.</param>
    public HistoryFeatures(IReadOnlyList<GpuHistory> gpus)
    {
        ArgumentNullException.ThrowIfNull(gpus);
        _gpus = gpus;
        _kinds =
        [
            .. gpus.SelectMany(gpu => gpu.Failures)
                .Select(failure => failure.Kind)
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];
        foreach (var location in gpus.SelectMany(gpu => gpu.Spans).Select(span => span.Location).Distinct(StringComparer.Ordinal))
        {
            _places[location] =
            [
                .. Numbers().Matches(location).Select(number => float.Parse(number.ValueSpan, CultureInfo.InvariantCulture)),
            ];
        }

        _placeNumbers = _places.Values.Select(place => place.Length).DefaultIfEmpty().Max();
        _failureTimes = [.. gpus.SelectMany(gpu => gpu.Failures).Select(failure => failure.TimeMs).Order()];
        _cohorts = Cohorts(gpus);
        _cohortFailures =
        [
            .. Enumerable
                .Range(0, _cohorts.DefaultIfEmpty(-1).Max() + 1)
                .Select(cohort =>
                    gpus.Where((_, i) => _cohorts[i] == cohort).SelectMany(g => g.Failures).Select(f => f.TimeMs).Order().ToArray()
                ),
        ];
        Names =
        [
            "age_days",
            "location_days",
            "days_since_failure",
            "failures_90d",
            "fleet_failures_per_gpu_30d",
            "cohort_failures_per_gpu_180d",
            .. _kinds.Select(kind => $"failures_{kind.ToLowerInvariant()}"),
            .. Enumerable.Range(1, _placeNumbers).Select(i => $"location_{i}"),
        ];
    }

    /// <summary>
    /// Names of the features. <c>age_days</c>, <c>location_days</c> and <c>days_since_failure</c> are in days; <c>failures_90d</c> and
    /// <c>failures_X</c> are counts of the GPU, the latter since its first insertion; <c>fleet_failures_per_gpu_30d</c> is the number of
    /// failures of the fleet in 30 days over the number of GPUs in service. <c>cohort_failures_per_gpu_180d</c> is the same for the GPUs
    /// that were first inserted within the same 90 days, in 180 days; a batch that wears out shows there. <c>location_1</c>, … are the
    /// numbers in the name of the location: <c>c11-2c1s4n1</c> gives 11, 2, 1, 4, 1. NaN: the GPU has not failed before, or the location
    /// has fewer numbers.
    /// </summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Writes the vectors of all GPUs that are in service at a cut.</summary>
    /// <param name="cutMs">The cut in Unix milliseconds: what happens then or later is not known.</param>
    /// <param name="write">Called for each GPU with its index in the fleet and its vector, which is reused.</param>
    public void AtCut(long cutMs, Action<int, ReadOnlySpan<float>> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var inService = 0;
        var inCohort = new int[_cohortFailures.Length];
        for (var index = 0; index < _gpus.Count; index++)
        {
            if (_gpus[index].SpanAt(cutMs) is not null)
            {
                inService++;
                inCohort[_cohorts[index]]++;
            }
        }

        var fleetRate = (float)Between(_failureTimes, cutMs - RecentMs, cutMs) / Math.Max(1, inService);
        var halfYear = (float)Between(_failureTimes, cutMs - HalfYearMs, cutMs) / Math.Max(1, inService);
        var vector = new float[Names.Count];
        for (var index = 0; index < _gpus.Count; index++)
        {
            var gpu = _gpus[index];
            if (gpu.SpanAt(cutMs) is not { } span)
            {
                continue;
            }

            var before = gpu.FailuresBefore(cutMs);
            vector[0] = Days(cutMs - gpu.Spans[0].InsertedMs);
            vector[1] = Days(cutMs - span.InsertedMs);
            vector[2] = before == 0 ? float.NaN : Days(cutMs - gpu.Failures[before - 1].TimeMs);
            vector[3] = before - gpu.FailuresBefore(cutMs - QuarterMs);
            vector[4] = fleetRate;
            var cohort = _cohorts[index];
            var cohortFailures = Between(_cohortFailures[cohort], cutMs - HalfYearMs, cutMs);
            vector[5] = (cohortFailures + PriorGpus * halfYear) / (inCohort[cohort] + PriorGpus);
            var counts = vector.AsSpan(6, _kinds.Length);
            counts.Clear();
            for (var i = 0; i < before; i++)
            {
                counts[Array.IndexOf(_kinds, gpu.Failures[i].Kind)]++;
            }

            var place = vector.AsSpan(6 + _kinds.Length);
            place.Fill(float.NaN);
            _places[span.Location].CopyTo(place);
            write(index, vector);
        }
    }

    private static int[] Cohorts(IReadOnlyList<GpuHistory> gpus)
    {
        var quarters = gpus.Select(gpu => gpu.Spans.Count == 0 ? -1 : gpu.Spans[0].InsertedMs!.Value / QuarterMs).ToList();
        var order = quarters.Distinct().Order().ToList();
        return [.. quarters.Select(quarter => order.BinarySearch(quarter))];
    }

    private static int Between(long[] times, long fromMs, long toMs) => LowerBound(times, toMs) - LowerBound(times, fromMs);

    private static int LowerBound(long[] times, long timeMs)
    {
        int low = 0,
            high = times.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = times[middle] < timeMs ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static float Days(long? ms) => (float)(ms.GetValueOrDefault() / DayMs);

    [GeneratedRegex("[0-9]{1,9}")]
    private static partial Regex Numbers();
}
