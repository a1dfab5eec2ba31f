namespace GpuActors.Engine.Detect;

/// <summary>
/// Which time the GPUs of one partition may be judged absent by. The others of the partition are the clock: whoever is not heard while they
/// are, is absent, in a replay as in a live stream, and however late a broker shows its records. Nobody is the clock of a GPU that is
/// alone, nor of GPUs that all become absent at once: then the wall may be believed, but only after the partition's leader has said that
/// nothing is unread, and where it may be the brokers that are absent, not for long.
/// </summary>
internal sealed class PartitionLiveness
{
    // Collectors deliver what they held back within this time after a leader is there again, or takes records again.
    private const long RecoveryMs = 5_000;

    // Looks, a second apart, at a lone GPU's partition: one look may fall between a new leader and the first record that it takes.
    private const int LooksAtALoneGpu = 2;

    // A leader whose follower has died shows nothing new until the follower counts as gone: 9 s with the brokers' defaults, 30 s
    // (replica.lag.time.max.ms) where it only lags.
    private const long StallMs = 35_000;

    private long _availableSinceMs;
    private bool _isAway;
    private int _looks;

    /// <summary>Judges by the leader's answer.</summary>
    /// <param name="seen">What was seen of the partition and of the others.</param>
    /// <param name="endOffset">Where the partition's log ends; null when nobody answered.</param>
    /// <returns>The log time to judge by; null for no judgement.</returns>
    public long? TimeToJudgeBy(in Seen seen, long? endOffset)
    {
        if (endOffset is null)
        {
            _isAway = true;
            _looks = 0;
            return null;
        }

        if (_isAway)
        {
            _isAway = false;
            _availableSinceMs = seen.NowMs;
        }

        return TimeOf(seen, endOffset.Value) is { } time && time - seen.ResumedMs >= RecoveryMs ? time : null;
    }

    private long? TimeOf(in Seen seen, long endOffset)
    {
        long? byTheLog = seen.NewestMs > 0 ? seen.NewestMs : null;
        if (seen.AppliedUpTo < endOffset || seen.NowMs - _availableSinceMs < RecoveryMs || seen.NowMs - seen.NewestMs < seen.MinAbsenceMs)
        {
            _looks = 0;
            return byTheLog;
        }

        _looks++;
        var isLone = seen.Gpus == 1 && seen.NowMs - seen.NewestOfAllMs < seen.MinAbsenceMs;
        return (isLone && _looks >= LooksAtALoneGpu) || seen.NowMs - seen.NewestMs >= StallMs ? seen.NowMs : byTheLog;
    }

    /// <summary>What a node has seen of one partition. Times in Unix milliseconds of the log.</summary>
    /// <param name="AppliedUpTo">The offset up to which everything is applied.</param>
    /// <param name="NewestMs">Append time of the partition's newest record that is applied; 0 for none.</param>
    /// <param name="ResumedMs">Append time of its first record after the last pause of all of its GPUs.</param>
    /// <param name="NewestOfAllMs">The same of all partitions of the node.</param>
    /// <param name="NowMs">Log time of the node.</param>
    /// <param name="MinAbsenceMs">The least absence of any rule, in milliseconds.</param>
    /// <param name="Gpus">GPUs of the partition that were heard not long ago.</param>
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
