namespace GpuActors.Engine.Detect;

/// <summary>
/// Determines the time that the absence of a partition's GPUs is measured against. Normally that is the append time of the partition's
/// newest record: a GPU is absent when the others of its partition send samples and it does not, in a replay as in a live stream, however
/// late a broker delivers. It does not help for a GPU that is alone in its partition, nor when all GPUs become absent at once. Then the
/// node's log time is used, but only after the partition's leader has confirmed that no record is unread, and after a longer wait where the
/// brokers themselves may be the ones that stall.
/// </summary>
internal sealed class PartitionLiveness
{
    // Within this time after a leader is available or accepts records again, collectors deliver the records that they have buffered.
    private const long RecoveryMs = 5_000;

    // Checks, one second apart, of the partition of a lone GPU: one check may fall between the election of a leader and its first record.
    private const int ChecksOfALoneGpu = 2;

    // A leader whose follower has died exposes no new records until the follower is removed from the in-sync replicas: after 9 s with the
    // brokers' defaults, or 30 s (replica.lag.time.max.ms) where it only lags.
    private const long StallMs = 35_000;

    private long _availableSinceMs;
    private bool _isUnavailable;
    private int _checks;

    /// <summary>Determines the time to measure absence against.</summary>
    /// <param name="seen">What the node has seen of the partition and of the others.</param>
    /// <param name="endOffset">End of the partition's log as its leader has answered; null without an answer.</param>
    /// <returns>Log time, Unix milliseconds; null when absence cannot be determined now.</returns>
    public long? AbsenceTime(in Seen seen, long? endOffset)
    {
        if (endOffset is null)
        {
            _isUnavailable = true;
            _checks = 0;
            return null;
        }

        if (_isUnavailable)
        {
            _isUnavailable = false;
            _availableSinceMs = seen.NowMs;
        }

        return TimeOf(seen, endOffset.Value) is { } time && time - seen.ResumedMs >= RecoveryMs ? time : null;
    }

    private long? TimeOf(in Seen seen, long endOffset)
    {
        long? byTheLog = seen.NewestMs > 0 ? seen.NewestMs : null;
        if (seen.AppliedUpTo < endOffset || seen.NowMs - _availableSinceMs < RecoveryMs || seen.NowMs - seen.NewestMs < seen.MinAbsenceMs)
        {
            _checks = 0;
            return byTheLog;
        }

        _checks++;
        var isLone = seen.Gpus == 1 && seen.NowMs - seen.NewestOfAllMs < seen.MinAbsenceMs;
        return (isLone && _checks >= ChecksOfALoneGpu) || seen.NowMs - seen.NewestMs >= StallMs ? seen.NowMs : byTheLog;
    }

    /// <summary>What a node has seen of one partition. Times in Unix milliseconds of the log.</summary>
    /// <param name="AppliedUpTo">The offset up to which all records are applied.</param>
    /// <param name="NewestMs">Append time of the newest applied record of the partition; 0 for none.</param>
    /// <param name="ResumedMs">Append time of its first record after the last pause of all of its GPUs.</param>
    /// <param name="NewestOfAllMs">Append time of the newest record of all partitions of the node.</param>
    /// <param name="NowMs">Log time of the node.</param>
    /// <param name="MinAbsenceMs">Shortest absence that raises an alert, milliseconds.</param>
    /// <param name="Gpus">GPUs of the partition that are in service.</param>
    public readonly record struct Seen(
        long AppliedUpTo,
        long NewestMs,
        long ResumedMs,
        long NewestOfAllMs,
        long NowMs,
        long MinAbsenceMs,
        int Gpus
    );
}
