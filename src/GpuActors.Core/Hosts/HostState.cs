using GpuActors.Core.Rules;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Hosts;

/// <summary>
/// The GPUs of one host: which have reported, and which move far less data over NVLink than the others. It is rebuilt from the reports of
/// a minute, so it is not saved. Not thread-safe: the host's actor owns it.
/// </summary>
public sealed class HostState
{
    // Reports of the same minute come within seconds of each other; an older one is not compared.
    private const int FreshMinutes = 2;

    // A GPU that has not reported for so long has left the host.
    private const int GoneAfterMinutes = 24 * 60;

    private const int MostGpus = 256;

    // The page that the others may not have sent yet when the GPU counts as absent, and the jitter of scrapes. A neighbour that is scraped
    // less often has a longer limit.
    private const double OpenPages = 1.5;

    private readonly Dictionary<GpuId, HostReport> _reports = [];
    private readonly HashSet<GpuId> _low = [];

    /// <summary>The GPUs that have reported.</summary>
    public IEnumerable<GpuId> Gpus => _reports.Keys;

    /// <summary>Whether a GPU has reported.</summary>
    public bool Knows(GpuId gpu) => _reports.ContainsKey(gpu);

    /// <summary>Takes a report.</summary>
    /// <returns>How the traffic of the GPU compares with that of the others: each time that it is far below, and once when it no longer is.
    /// Otherwise null.</returns>
    public PeerVerdict? Take(HostReport report, NvlinkBandwidthRuleSettings rule)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(rule);
        _reports[report.Gpu] = report;
        if (_reports.Count > MostGpus || report.Minute % 60 == 0)
        {
            Forget(report.Minute);
        }

        if (!Computes(report, report.Minute, rule))
        {
            return null;
        }

        var peers = _reports
            .Values.Where(peer => peer.Gpu != report.Gpu && Computes(peer, report.Minute, rule))
            .Select(peer => peer.NvlinkBytesPerSecond)
            .Order()
            .ToList();
        if (peers.Count < rule.MinPeers)
        {
            return null;
        }

        var median = (peers[(peers.Count - 1) / 2] + peers[peers.Count / 2]) / 2;
        var isLow = report.NvlinkBytesPerSecond < rule.MinShareOfPeers * median;
        var wasLow = isLow ? !_low.Add(report.Gpu) : _low.Remove(report.Gpu);
        return isLow || wasLow ? new PeerVerdict(report.Gpu, isLow, report.NvlinkBytesPerSecond, median) : null;
    }

    /// <summary>A GPU has been taken out of the host for good.</summary>
    public void Retire(GpuId gpu)
    {
        _ = _reports.Remove(gpu);
        _ = _low.Remove(gpu);
    }

    /// <summary>Why a GPU is absent.</summary>
    /// <param name="lastHeardMs">When its last record was appended, Unix milliseconds.</param>
    /// <param name="intervalMs">How often it is usually heard; NaN when unknown.</param>
    /// <param name="others">When the other GPUs of its host were heard.</param>
    /// <param name="nowMs">Log time, Unix milliseconds.</param>
    /// <returns>Host absent, GPU lost, or GPU absent when the host has no other.</returns>
    public static Rule CauseOfAbsence(long lastHeardMs, double intervalMs, IReadOnlyCollection<LastHeard> others, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(others);
        if (others.Count == 0)
        {
            return RuleCatalog.GpuAbsent;
        }

        // Rows of one page are appended within milliseconds, and a collector that ends may have sent the last page in part: only several
        // later pages show that the host still reports. After an absence of the whole host its GPUs come back one after the other: this one
        // is lost only when the others have been heard for as long as an absence takes. It is not lost while a neighbour would not count as
        // absent either: then the exporter has become slower.
        var interval = double.IsNaN(intervalMs) ? 0 : intervalMs;
        return others.Any(other =>
            other.LastMs - lastHeardMs >= Math.Max(1, other.LimitMs - (OpenPages * Math.Max(interval, other.LimitMs / 4)))
            && (other.SinceMs <= lastHeardMs + interval || other.LastMs - other.SinceMs >= other.LimitMs)
            && nowMs - lastHeardMs >= other.LimitMs
        )
            ? RuleCatalog.GpuLost
            : RuleCatalog.HostAbsent;
    }

    private static bool Computes(HostReport report, long minute, NvlinkBandwidthRuleSettings rule) =>
        report.Minute > minute - FreshMinutes && report.TensorActive >= rule.MinTensorActive && !double.IsNaN(report.NvlinkBytesPerSecond);

    private void Forget(long minute)
    {
        foreach (var gone in _reports.Values.Where(r => r.Minute < minute - GoneAfterMinutes).Select(r => r.Gpu).ToList())
        {
            _ = _reports.Remove(gone);
            _ = _low.Remove(gone);
        }
    }
}
