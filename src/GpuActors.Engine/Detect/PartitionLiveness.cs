namespace GpuActors.Engine.Detect;

/// <summary>
/// Which time the GPUs of one partition may be judged silent by. A GPU is silent only if its partition has nothing unread: during a replay, after a fail-over, and while the
/// partition's leader is away, records are missing here that others have written or still hold. So the leader is asked where the log ends, each time before silence is believed.
/// </summary>
internal sealed class PartitionLiveness
{
    // A collector delivers what it held back within this time after a leader is there again.
    private const long RecoveryMs = 5_000;

    // Looks, a second apart, at a partition in which nobody speaks: one look may fall between a new leader and the first record that it takes.
    private const int LooksWhenAllAreSilent = 2;

    private long _availableSinceMs;
    private bool _isAway;
    private int _looks;

    /// <summary>Judges by the leader's answer.</summary>
    /// <param name="endOffset">Where the partition's log ends; null when nobody answered.</param>
    /// <param name="appliedUpTo">The offset up to which everything is applied.</param>
    /// <param name="newestMs">Append time of the newest record read of the partition, Unix milliseconds; 0 for none.</param>
    /// <param name="nowMs">Log time of the node, Unix milliseconds.</param>
    /// <param name="minSilenceMs">The least silence of any rule, in milliseconds.</param>
    /// <returns>The log time to judge by; null for no judgement.</returns>
    public long? TimeToJudgeBy(long? endOffset, long appliedUpTo, long newestMs, long nowMs, long minSilenceMs)
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
            _availableSinceMs = nowMs;
        }

        // What has been read is true whatever is still to be read.
        long? byTheLogAlone = newestMs > 0 ? newestMs : null;
        if (appliedUpTo < endOffset || nowMs - _availableSinceMs < RecoveryMs)
        {
            _looks = 0;
            return byTheLogAlone;
        }

        _looks = nowMs - newestMs < minSilenceMs ? LooksWhenAllAreSilent : _looks + 1;
        return _looks >= LooksWhenAllAreSilent ? nowMs : byTheLogAlone;
    }
}
