namespace GpuActors.Engine.Detect;

/// <summary>
/// Determines the time that the absence of a partition's GPUs is measured against. Normally it follows the append times of the partition's
/// records: a GPU is absent when the others of its partition send samples and it does not, in a replay as in a live stream, however late a
/// broker delivers. That does not help for a GPU that is alone in its partition, nor when all GPUs become absent at once. Then the node's
/// log time is used, but only after the partition's leader has confirmed that no record is unread, and after a longer wait where the
/// brokers themselves may be the ones that stall.
/// </summary>
/// <param name="replicas">Replicas of the partition.</param>
internal sealed class PartitionLiveness(int replicas)
{
    // Within this time after a partition accepts records again, collectors have connected and deliver the records that they have buffered:
    // reconnect.backoff.max.ms of librdkafka is 10 s.
    private const long RecoveryMs = 12_000;

    // How long a leader has to confirm that a partition without records has no unread ones: one answer may fall between the election of a
    // leader and its first record.
    private const long ConfirmedMs = 1_000;

    // A leader whose follower has died exposes no new records until the follower is removed from the in-sync replicas: after 9 s with the
    // brokers' defaults, or 30 s (replica.lag.time.max.ms) where it only lags. A leader without followers does not wait.
    private const long StallMs = 35_000;

    // Others are heard when one has spoken within this time or within two intervals.
    private const long SpeakingMs = 3_000;

    private bool _isUnavailable;
    private long? _availableSinceMs;
    private long? _confirmedSinceMs;

    /// <summary>The partition has GPUs on this node, at a log time, or has none (null).</summary>
    public void Has(long? nowMs) => _availableSinceMs = nowMs is null ? null : _availableSinceMs ?? nowMs;

    /// <summary>Determines the time to measure absence against.</summary>
    /// <param name="seen">What the node has seen of the partition and of the others.</param>
    /// <param name="endOffset">End of the partition's log as its leader has answered; null without an answer.</param>
    /// <returns>The time; null when absence cannot be determined now.</returns>
    public AbsenceTime? AbsenceTime(in Seen seen, long? endOffset)
    {
        if (endOffset is null)
        {
            _isUnavailable = true;
            _confirmedSinceMs = null;
            return null;
        }

        if (_isUnavailable)
        {
            (_isUnavailable, _availableSinceMs) = (false, seen.NowMs);
        }

        var time = TimeOf(seen, endOffset.Value);
        return seen.NewestMs > 0 && time.MostMs - seen.ResumedMs >= RecoveryMs ? time : null;
    }

    private AbsenceTime TimeOf(in Seen seen, long endOffset)
    {
        if (seen.AppliedUpTo < endOffset)
        {
            _confirmedSinceMs = null;
            return new(seen.NewestMs, seen.NewestMs);
        }

        // After its newest record a partition may be quiet for an interval.
        var byTheLog = new AbsenceTime(seen.NewestMs, seen.NowMs);
        var availableMs = seen.NowMs - (_availableSinceMs ?? seen.NowMs);
        if (availableMs < RecoveryMs || seen.NowMs - seen.NewestMs < 2 * seen.IntervalMs)
        {
            _confirmedSinceMs = null;
            return byTheLog;
        }

        _confirmedSinceMs ??= seen.NowMs;
        var isConfirmed = seen.NowMs - _confirmedSinceMs >= ConfirmedMs;
        var othersSpeak = seen.NowMs - seen.NewestOfAllMs < Math.Max(SpeakingMs, 2 * seen.LongestIntervalMs);
        var isAlone = isConfirmed && seen.Gpus == 1 && othersSpeak;
        var isUnfollowed = isConfirmed && replicas == 1;
        return isAlone || isUnfollowed || seen.NowMs - seen.NewestMs >= StallMs ? new(seen.NowMs, seen.NowMs) : byTheLog;
    }

    /// <summary>What a node has seen of one partition. Times in Unix milliseconds of the log.</summary>
    /// <param name="AppliedUpTo">The offset up to which all records are applied.</param>
    /// <param name="NewestMs">Append time of the newest applied record of the partition; 0 for none.</param>
    /// <param name="ResumedMs">Append time of its first record after the last pause of all of its GPUs.</param>
    /// <param name="NewestOfAllMs">Append time of the newest record of all partitions of the node.</param>
    /// <param name="NowMs">Log time of the node.</param>
    /// <param name="IntervalMs">The longest interval at which GPUs of the partition are heard.</param>
    /// <param name="LongestIntervalMs">The longest one of all partitions of the node.</param>
    /// <param name="Gpus">GPUs of the partition that are in service.</param>
    public readonly record struct Seen(
        long AppliedUpTo,
        long NewestMs,
        long ResumedMs,
        long NewestOfAllMs,
        long NowMs,
        double IntervalMs,
        double LongestIntervalMs,
        int Gpus
    );
}
