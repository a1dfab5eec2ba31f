using GpuActors.Core.Features;
using GpuActors.Learning.Training;
using GpuActors.Simulation.Failures;

namespace GpuActors.Host.Training;

/// <summary>
/// A simulated fleet as rows to learn from: the features of each GPU at each cut, what happened afterwards, and what nobody could know
/// better (<see cref="FailureOracle"/>).
/// </summary>
internal sealed class SimulatedFleet
{
    private const int GpusPerHost = 8;
    private const int HoursPerDay = 24;
    private const double HoursPerYear = 8766;

    // GPU-years that a batch needs before its failure rate says something.
    private const double FewestYears = 20;

    // GPUs of one place are numbered one after the other.
    private const int MostPerPlace = 64;

    private readonly LifeSimulator _simulator;
    private readonly GpuLife[][] _lives;
    private readonly int[] _cuts;
    private readonly BatchParameters[] _batches;
    private readonly float[][] _batchRates; // By cut and batch.
    private readonly int _every;

    private SimulatedFleet(LifeSimulator simulator, GpuLife[][] lives, int[] cuts, int every)
    {
        _every = every;
        _simulator = simulator;
        _lives = lives;
        _cuts = cuts;
        _batches = [.. simulator.Settings.Failures.Batches];
        _batchRates = [.. cuts.Select(BatchRates)];
        Table = new TrainingTable(FeatureCatalog.Names);
    }

    /// <summary>The rows, by host, cut and GPU.</summary>
    public TrainingTable Table { get; }

    /// <summary>The mode of the next failure of each row; null without one.</summary>
    public List<FailureMode?> Modes { get; } = [];

    /// <summary>By horizon the oracle's probability of each row; empty unless asked for.</summary>
    public IReadOnlyList<List<float>> Oracle { get; } = [.. Horizons.Days.Select(_ => new List<float>())];

    /// <summary>Number of failures within the simulated time.</summary>
    public int Failures => _lives.Sum(lives => lives.Sum(life => life.Failures.Count(failure => failure.Hour >= 0)));

    /// <summary>End of the simulated time, up to which outcomes are known, Unix milliseconds.</summary>
    public long EndMs => TimeMs(_simulator.Settings.Hours);

    /// <summary>Simulates a fleet.</summary>
    /// <param name="settings">The fleet.</param>
    /// <param name="firstDay">Day of the first cut, 1 or later.</param>
    /// <param name="everyDays">Days from one cut to the next.</param>
    /// <param name="every">
    /// 1 for all rows. Otherwise the rows of GPUs that fail within the longest horizon or that show a course of decay, and of the others
    /// one of so many, which stands for all of them: they are many and alike, and most of the work.
    /// </param>
    /// <param name="withOracle">Whether the oracle is asked, too.</param>
    /// <param name="progress">Called with the share of the work that is done, 0 to 1, from any thread; may be null.</param>
    /// <param name="stop">Ends the work.</param>
    public static SimulatedFleet Simulate(
        LifeSettings settings,
        int firstDay,
        int everyDays,
        int every,
        bool withOracle,
        Action<double>? progress,
        CancellationToken stop
    )
    {
        var simulator = new LifeSimulator(settings);
        var lives = new GpuLife[settings.Gpus][];
        var parallel = new ParallelOptions { CancellationToken = stop };
        Parallel.For(0, settings.Gpus, parallel, slot => lives[slot] = [.. simulator.Lives(slot)]);
        var cuts = new List<int>();
        for (var cut = firstDay * HoursPerDay; cut < settings.Hours; cut += everyDays * HoursPerDay)
        {
            cuts.Add(cut);
        }

        var fleet = new SimulatedFleet(simulator, lives, [.. cuts], every);
        fleet.AddRows(withOracle, progress, parallel);
        return fleet;
    }

    private void AddRows(bool withOracle, Action<double>? progress, ParallelOptions parallel)
    {
        var hosts = (_lives.Length + GpusPerHost - 1) / GpusPerHost;
        var rows = new List<Row>[hosts];
        var done = 0;
        Parallel.For(
            0,
            hosts,
            parallel,
            () => new Worker(this, withOracle),
            (host, _, worker) =>
            {
                rows[host] = worker.Rows(host * GpusPerHost, Math.Min(_lives.Length, (host + 1) * GpusPerHost));
                progress?.Invoke((double)Interlocked.Increment(ref done) / hosts);
                return worker;
            },
            _ => { }
        );
        // In the order of the hosts, whichever thread had them.
        foreach (var row in rows.SelectMany(host => host))
        {
            Table.Add(row.Gpu, row.CutMs, row.Values, row.FailureDays, row.ObservedDays, row.Weight);
            Modes.Add(row.Mode);
            for (var horizon = 0; withOracle && horizon < Oracle.Count; horizon++)
            {
                Oracle[horizon].Add(row.Oracle[horizon]);
            }
        }
    }

    private long TimeMs(double hour) => _simulator.Settings.StartMs + (long)(hour * FeatureInput.HourMs);

    // Failures per GPU and year of each batch from the start up to a cut, as a fleet's own records have them.
    private float[] BatchRates(int cut)
    {
        var failures = new double[_batches.Length];
        var years = new double[_batches.Length];
        foreach (var life in _lives.SelectMany(lives => lives))
        {
            var batch = BatchOf(life);
            years[batch] += Math.Max(0, Math.Min(cut, life.RemovedHour) - Math.Max(0, life.InstalledHour)) / HoursPerYear;
            failures[batch] += life.Failures.Count(failure => failure.Hour >= 0 && failure.Hour < cut);
        }

        return [.. failures.Zip(years, (f, y) => y < FewestYears ? float.NaN : (float)(f / y))];
    }

    private int BatchOf(GpuLife life) => Array.IndexOf(_batches, life.Batch);

    private sealed record Row(
        int Gpu,
        long CutMs,
        float[] Values,
        float FailureDays,
        float ObservedDays,
        float Weight,
        FailureMode? Mode,
        float[] Oracle
    );

    /// <summary>How many rows of a GPU at a cut stand for: 0 if it is left out of the sample.</summary>
    private float Weight(GpuLife life, int cut)
    {
        var isEventful =
            life.Failures.Any(failure => failure.Hour >= cut && failure.Hour <= cut + FailureParameters.LongestHorizonHours)
            || life.ShowsDecay(cut - FeatureInput.Hours, cut);
        return _every == 1 || isEventful ? 1
            : RowHash.Of(Number(life), cut) % (uint)_every == 0 ? _every
            : 0;
    }

    private static int Number(GpuLife life) => (life.Slot * MostPerPlace) + life.Number;

    private sealed class Worker(SimulatedFleet fleet, bool withOracle)
    {
        private readonly LifeFeatures _features = new(fleet._simulator);
        private readonly FailureOracle _oracle = new(fleet._simulator);
        private readonly FeatureExtractor _extractor = new();
        private readonly FeatureInput _input = new();
        private readonly float[] _vectors = new float[GpusPerHost * FeatureExtractor.Count];

        public List<Row> Rows(int fromSlot, int toSlot)
        {
            var rows = new List<Row>();
            var present = new List<GpuLife>();
            for (var i = 0; i < fleet._cuts.Length; i++)
            {
                var cut = fleet._cuts[i];
                present.Clear();
                for (var slot = fromSlot; slot < toSlot; slot++)
                {
                    // A GPU that came within the last day has too little history.
                    if (
                        fleet._lives[slot].FirstOrDefault(life => life.IsInService(cut) && life.InstalledHour <= cut - HoursPerDay) is
                        { } life
                    )
                    {
                        present.Add(life);
                    }
                }

                var weights = present.ConvertAll(life => fleet.Weight(life, cut));
                if (weights.All(weight => weight == 0))
                {
                    continue;
                }

                for (var gpu = 0; gpu < present.Count; gpu++)
                {
                    Extract(present[gpu], cut, fleet._batchRates[i], Vector(gpu));
                }

                _extractor.Compare(_vectors.AsSpan(0, present.Count * FeatureExtractor.Count));
                for (var gpu = 0; gpu < present.Count; gpu++)
                {
                    if (weights[gpu] > 0)
                    {
                        rows.Add(Row(present[gpu], cut, weights[gpu], Vector(gpu)));
                    }
                }
            }

            return rows;
        }

        private Span<float> Vector(int gpu) => _vectors.AsSpan(gpu * FeatureExtractor.Count, FeatureExtractor.Count);

        private void Extract(GpuLife life, int cut, float[] batchRates, Span<float> vector)
        {
            _features.Fill(life, cut, _input);
            _input.Facts = _input.Facts with { BatchFailuresPerYear = batchRates[fleet.BatchOf(life)] };
            _extractor.Extract(_input, vector);
        }

        private Row Row(GpuLife life, int cut, float weight, Span<float> vector)
        {
            var next = life.Failures.FirstOrDefault(failure => failure.Hour >= cut);
            var observed = Math.Min(life.RemovedHour, fleet._simulator.Settings.Hours) - cut;
            return new Row(
                Number(life),
                fleet.TimeMs(cut),
                vector.ToArray(),
                next is null ? float.PositiveInfinity : (float)((next.Hour - cut) / HoursPerDay),
                (float)(observed / HoursPerDay),
                weight,
                next?.Mode,
                withOracle ? [.. Horizons.Days.Select(days => (float)_oracle.Probability(life, cut, days * HoursPerDay))] : []
            );
        }
    }
}
