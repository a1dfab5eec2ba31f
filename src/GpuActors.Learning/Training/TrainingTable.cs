namespace GpuActors.Learning.Training;

/// <summary>
/// Rows to learn from: a feature vector per GPU and cut, and what happened to the GPU afterwards. The order of the rows has no meaning.
/// </summary>
public sealed class TrainingTable
{
    private const long DayMs = 86_400_000;

    private readonly List<float> _values = [];
    private readonly List<int> _gpus = [];
    private readonly List<long> _cuts = [];
    private readonly List<float> _failureDays = [];
    private readonly List<float> _observedDays = [];
    private readonly List<float> _weights = [];

    /// <summary>Creates an empty table.</summary>
    /// <param name="features">Names of the features.</param>
    public TrainingTable(IReadOnlyList<string> features)
    {
        ArgumentNullException.ThrowIfNull(features);
        Features = features;
    }

    /// <summary>Names of the features, in the order of a row's values.</summary>
    public IReadOnlyList<string> Features { get; }

    /// <summary>Number of rows.</summary>
    public int Rows => _gpus.Count;

    /// <summary>Adds a row.</summary>
    /// <param name="gpu">Number of the GPU: rows of one GPU never stand on both sides of a split by GPU.</param>
    /// <param name="cutMs">Time of the features, in Unix milliseconds.</param>
    /// <param name="values">The features, NaN where missing.</param>
    /// <param name="failureDays">Days from the cut to the next failure; infinite if none was observed.</param>
    /// <param name="observedDays">Days from the cut for which it is known whether the GPU failed: until it was removed without a failure,
    /// or the observation ended.</param>
    /// <param name="weight">How many rows of the fleet this one stands for, above 0: a table may hold a sample of them.</param>
    /// <exception cref="ArgumentException">The number of values is not that of the features.</exception>
    public void Add(int gpu, long cutMs, ReadOnlySpan<float> values, float failureDays, float observedDays, float weight = 1)
    {
        if (values.Length != Features.Count)
        {
            throw new ArgumentException($"There are {values.Length} values: there must be {Features.Count}", nameof(values));
        }

        _values.AddRange(values);
        _gpus.Add(gpu);
        _cuts.Add(cutMs);
        _failureDays.Add(failureDays);
        _observedDays.Add(observedDays);
        _weights.Add(weight);
    }

    /// <summary>The GPU of a row.</summary>
    public int Gpu(int row) => _gpus[row];

    /// <summary>Time of a row's features, in Unix milliseconds.</summary>
    public long CutMs(int row) => _cuts[row];

    /// <summary>Days to the next failure; infinite if none was observed.</summary>
    public float FailureDays(int row) => _failureDays[row];

    /// <summary>Days for which it is known whether the GPU failed.</summary>
    public float ObservedDays(int row) => _observedDays[row];

    /// <summary>Whether it is known if a row's GPU failed within a time.</summary>
    /// <param name="row">The row.</param>
    /// <param name="days">Length of the time from the cut, in days.</param>
    /// <param name="untilMs">End of what is known, Unix milliseconds: the time must have passed by then, whatever the outcome.</param>
    /// <param name="removals">What a GPU that was removed within the time counts as.</param>
    public bool IsKnown(int row, float days, long untilMs, RemovalTreatment removals) =>
        _cuts[row] + (long)(days * DayMs) <= untilMs
        && (removals == RemovalTreatment.NoFailure || _failureDays[row] <= days || _observedDays[row] >= days);

    /// <summary>How many rows of the fleet a row stands for.</summary>
    public float Weight(int row) => _weights[row];

    /// <summary>Copies the features of rows, one row after the other.</summary>
    public float[] Values(IReadOnlyList<int> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var values = new float[rows.Count * Features.Count];
        var all = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_values);
        for (var i = 0; i < rows.Count; i++)
        {
            all.Slice(rows[i] * Features.Count, Features.Count).CopyTo(values.AsSpan(i * Features.Count));
        }

        return values;
    }
}
