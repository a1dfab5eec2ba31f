using GpuActors.Core.Rules;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Hosts;

/// <summary>
/// What the GPUs of one host have in common: who they are, and who moves far less over NVLink than the others. It is rebuilt from the
/// reports of a minute, so nothing of it is kept. Not thread-safe: the host's actor owns it.
/// </summary>
public sealed class HostState
{
    // Reports of the same minute come within seconds of each other; an older one says nothing of now.
    private const int FreshMinutes = 2;

    // A GPU that is not heard of for so long has left the host.
    private const int GoneAfterMinutes = 24 * 60;

    private const int MostGpus = 256;

    private readonly Dictionary<GpuId, HostReport> _reports = [];
    private readonly HashSet<GpuId> _low = [];

    /// <summary>The GPUs that have reported.</summary>
    public IEnumerable<GpuId> Gpus => _reports.Keys;

    /// <summary>Takes a report.</summary>
    /// <returns>How the GPU stands beside its neighbours: when it is far below, and once after that when it is not any more. Null
    /// otherwise.</returns>
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

        // Rows of one page are appended within milliseconds: only a later page shows that the host still reports. Where it was absent too
        // and has just come back, this GPU's turn may be to come: it is lost when the others have been heard for as long as makes a
        // absence. And one whose neighbour would not be absent yet by now is not either: it has only not learned yet that the exporter has
        // become slower.
        var later = lastHeardMs + (double.IsNaN(intervalMs) ? 1 : intervalMs / 2);
        return others.Any(other =>
            other.LastMs >= later
            && (other.SinceMs <= later || other.LastMs - other.SinceMs >= other.LimitMs)
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
