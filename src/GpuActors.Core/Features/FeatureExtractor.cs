namespace GpuActors.Core.Features;

/// <summary>
/// Computes feature vectors. Live scoring, replays and training all use it. It keeps buffers: use one per thread.
/// </summary>
public sealed class FeatureExtractor
{
    /// <summary>Fewest other GPUs of a host that a GPU is compared with.</summary>
    public const int FewestPeers = 3;

    private static readonly (int Into, int Of)[] Compared =
    [
        .. FeatureCatalog
            .All.Select((feature, i) => (Into: i, feature.ComparedWithPeers))
            .Where(feature => feature.ComparedWithPeers is not null)
            .Select(feature => (feature.Into, FeatureCatalog.IndexOf(feature.ComparedWithPeers!))),
    ];

    private readonly FeatureView _view = new();
    private float[] _peers = [];

    /// <summary>Number of features.</summary>
    public static int Count => FeatureCatalog.All.Length;

    /// <summary>Computes the features of one GPU. Those that compare it with others of its host are NaN.</summary>
    /// <param name="input">What they are computed from.</param>
    /// <param name="vector">Receives <see cref="Count"/> values in the order of <see cref="FeatureCatalog.All"/>; NaN is missing. No value
    /// is infinite.</param>
    public void Extract(FeatureInput input, Span<float> vector)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfNotEqual(vector.Length, Count);
        _view.Read(input);
        for (var i = 0; i < vector.Length; i++)
        {
            var value = FeatureCatalog.All[i].Value is { } compute ? (float)compute(_view) : float.NaN;
            vector[i] = float.IsFinite(value) ? value : float.NaN;
        }
    }

    /// <summary>Computes the features that compare the GPUs of one host with each other, from the others.</summary>
    /// <param name="vectors">Vectors of the GPUs of the host at one time, one after the other; receives the values.</param>
    public void Compare(Span<float> vectors)
    {
        var gpus = vectors.Length / Count;
        ArgumentOutOfRangeException.ThrowIfNotEqual(vectors.Length, gpus * Count);
        if (_peers.Length < gpus)
        {
            _peers = new float[gpus];
        }

        foreach (var (into, of) in Compared)
        {
            for (var gpu = 0; gpu < gpus; gpu++)
            {
                var others = 0;
                for (var other = 0; other < gpus; other++)
                {
                    if (other != gpu && !float.IsNaN(vectors[(other * Count) + of]))
                    {
                        _peers[others++] = vectors[(other * Count) + of];
                    }
                }

                vectors[(gpu * Count) + into] =
                    others < FewestPeers ? float.NaN : vectors[(gpu * Count) + of] - Median(_peers.AsSpan(0, others));
            }
        }
    }

    private static float Median(Span<float> values)
    {
        values.Sort();
        var middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
