using System.Runtime.InteropServices;
using System.Text;
using static GpuActors.Learning.Training.LightGbmNative;

namespace GpuActors.Learning.Training;

/// <summary>
/// A model of LightGBM in the native library: trained here or loaded from its text format. Training with the same rows, parameters and
/// seed gives the same text (<c>deterministic</c>, one order of sums). Not thread-safe.
/// </summary>
public sealed class LightGbmBooster : IDisposable
{
    private readonly nint _booster;
    private readonly int _features;
    private readonly string _threads;
    private nint _dataset;
    private bool _disposed;

    private LightGbmBooster(nint booster, nint dataset, int features, int threads)
    {
        _booster = booster;
        _dataset = dataset;
        _features = features;
        _threads = $"num_threads={threads} verbosity=-1";
        Check(LGBM_BoosterGetNumClasses(booster, out var classes));
        Targets = classes;
    }

    /// <summary>Number of margins per row.</summary>
    public int Targets { get; }

    /// <summary>Why models cannot be trained on this machine, with the remedy; null if they can.</summary>
    public static string? Problem => LightGbmNative.Problem;

    /// <summary>Trains a model.</summary>
    /// <param name="rows">Features of all rows, one row after the other; NaN is missing.</param>
    /// <param name="features">Number of features of a row.</param>
    /// <param name="labels">One label per row.</param>
    /// <param name="iterations">Number of boosting rounds; fewer are made if no further split is found.</param>
    /// <param name="parameters">LightGBM parameters, such as <c>objective=binary num_leaves=31 seed=1</c>.</param>
    /// <param name="weights">One weight per row; null for equal weights.</param>
    /// <param name="names">One name per feature, without spaces; null for LightGBM's own.</param>
    /// <param name="threads">Number of threads, at least 1.</param>
    /// <param name="progress">Called with the number of finished rounds; null for nobody.</param>
    /// <param name="stop">Ends the training between two rounds.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    /// <exception cref="InvalidOperationException">The library refuses the data or a parameter; the message is its own.</exception>
    public static LightGbmBooster Train(
        float[] rows,
        int features,
        float[] labels,
        int iterations,
        string parameters,
        float[]? weights = null,
        IReadOnlyList<string>? names = null,
        int threads = 1,
        Action<int>? progress = null,
        CancellationToken stop = default
    )
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ThrowIfUnavailable();
        if (rows.Length != (long)labels.Length * features || (weights is not null && weights.Length != labels.Length))
        {
            throw new ArgumentException(
                $"{rows.Length} values of {features} features, {labels.Length} labels, {weights?.Length ?? labels.Length} weights: there "
                    + "must be one label and one weight per row",
                nameof(rows)
            );
        }

        var all = Text($"deterministic=true force_row_wise=true num_threads={threads} verbosity=-1 {parameters}");
        Check(LGBM_DatasetCreateFromMat(rows, Float32, labels.Length, features, 1, all, 0, out var dataset));
        try
        {
            Check(LGBM_DatasetSetField(dataset, Text("label"), labels, labels.Length, Float32));
            if (weights is not null)
            {
                Check(LGBM_DatasetSetField(dataset, Text("weight"), weights, weights.Length, Float32));
            }

            SetNames(dataset, names);
            Check(LGBM_BoosterCreate(dataset, all, out var handle));
            var booster = new LightGbmBooster(handle, dataset, features, threads);
            dataset = 0;
            try
            {
                for (var i = 0; i < iterations; i++)
                {
                    stop.ThrowIfCancellationRequested();
                    Check(LGBM_BoosterUpdateOneIter(handle, out var isFinished));
                    progress?.Invoke(i + 1);
                    if (isFinished != 0)
                    {
                        break;
                    }
                }

                return booster;
            }
            catch
            {
                booster.Dispose();
                throw;
            }
        }
        finally
        {
            if (dataset != 0)
            {
                Check(LGBM_DatasetFree(dataset));
            }
        }
    }

    /// <summary>Loads a model from its text format.</summary>
    /// <param name="text">Content of the file.</param>
    /// <param name="features">Number of features of a row.</param>
    /// <exception cref="InvalidOperationException">The library refuses the text.</exception>
    public static LightGbmBooster Load(string text, int features)
    {
        ThrowIfUnavailable();
        Check(LGBM_BoosterLoadModelFromString(Text(text), out _, out var booster));
        return new LightGbmBooster(booster, 0, features, 1);
    }

    /// <summary>The model in LightGBM's text format.</summary>
    public string Save()
    {
        Check(LGBM_BoosterSaveModelToString(_booster, 0, -1, 0, 0, out var length, []));
        var text = new byte[length];
        Check(LGBM_BoosterSaveModelToString(_booster, 0, -1, 0, length, out _, text));
        return Encoding.UTF8.GetString(text.AsSpan(0, (int)length - 1));
    }

    /// <summary>Predictions of rows, <see cref="Targets"/> per row.</summary>
    public double[] Predict(float[] rows) => Predict(rows, PredictNormal, Targets);

    /// <summary>Margins of rows, <see cref="Targets"/> per row.</summary>
    public double[] Margins(float[] rows) => Predict(rows, PredictRaw, Targets);

    /// <summary>Contributions to the margins (TreeSHAP): per row and target one value per feature and then the expected value.</summary>
    public double[] Contributions(float[] rows) => Predict(rows, PredictContributions, Targets * (_features + 1));

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        Check(LGBM_BoosterFree(_booster));
        if (_dataset != 0)
        {
            Check(LGBM_DatasetFree(_dataset));
            _dataset = 0;
        }
    }

    private static void ThrowIfUnavailable()
    {
        if (Problem is { } problem)
        {
            throw new InvalidOperationException(problem);
        }
    }

    private double[] Predict(float[] rows, int what, int columns)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Length % _features != 0)
        {
            throw new ArgumentException($"rows.Length = {rows.Length}: it must be a multiple of {_features}", nameof(rows));
        }

        var count = rows.Length / _features;
        var result = new double[count * columns];
        if (count > 0)
        {
            Check(LGBM_BoosterPredictForMat(_booster, rows, Float32, count, _features, 1, what, 0, -1, Text(_threads), out _, result));
        }

        return result;
    }

    private static void SetNames(nint dataset, IReadOnlyList<string>? names)
    {
        if (names is null)
        {
            return;
        }

        var texts = names.Select(Marshal.StringToCoTaskMemUTF8).ToArray();
        try
        {
            Check(LGBM_DatasetSetFeatureNames(dataset, texts, texts.Length));
        }
        finally
        {
            foreach (var text in texts)
            {
                Marshal.FreeCoTaskMem(text);
            }
        }
    }
}
