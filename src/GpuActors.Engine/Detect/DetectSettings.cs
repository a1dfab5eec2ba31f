namespace GpuActors.Engine.Detect;

/// <summary>How samples reach the GPU actors (<c>gpu-actors.detect</c>).</summary>
public sealed record DetectSettings
{
    /// <summary>Topic of records that are not valid samples. Default <c>gpu-metrics-dead-letter</c>.</summary>
    public string DeadLetterTopic { get; init; } = "gpu-metrics-dead-letter";

    /// <summary>
    /// Batches of one partition that are processed at once, 1 to 64. Default 4: enough to keep the actors busy, few enough to replay.
    /// </summary>
    public int BatchesInFlight { get; init; } = 4;

    /// <summary>
    /// How long a batch may stay unacknowledged before its partition is read again from the committed offset; at least 1 s. Default 60 s,
    /// which is longer than a shard's hand-off and a broker's leader change.
    /// </summary>
    public TimeSpan AcknowledgeTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Interval between checks for absent GPUs. Default 50 ms; 0 switches the checks off.</summary>
    public TimeSpan AbsenceCheckInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// How long a GPU has sent nothing when it is retired: its alerts resolve and its state goes. Default 7 days; 0 switches it off.
    /// </summary>
    public TimeSpan RetireAfter { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Whether the states of GPUs are saved for the next start. Default on.</summary>
    public bool Checkpoints { get; init; } = true;

    /// <summary>Interval between two checkpoints of a shard; at least 1 s. Default 60 s.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long the first sample of a GPU waits for the saved state before the GPU starts with empty windows. Default 10 s, below
    /// <see cref="AcknowledgeTimeout"/>: an unreachable database must not delay alerts for long.
    /// </summary>
    public TimeSpan CheckpointTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Checks the ranges.</summary>
    /// <returns>One error per key, with key, value and remedy; empty when all values are valid.</returns>
    public IEnumerable<string> Validate()
    {
        if (BatchesInFlight is < 1 or > 64)
        {
            yield return $"batches-in-flight = {BatchesInFlight}: must be 1 to 64";
        }

        if (AcknowledgeTimeout < TimeSpan.FromSeconds(1))
        {
            yield return $"acknowledge-timeout = {AcknowledgeTimeout}: must be at least 1s";
        }

        if (CheckpointInterval < TimeSpan.FromSeconds(1))
        {
            yield return $"checkpoint-interval = {CheckpointInterval}: must be at least 1s";
        }

        if (CheckpointTimeout <= TimeSpan.Zero || CheckpointTimeout >= AcknowledgeTimeout)
        {
            yield return $"checkpoint-timeout = {CheckpointTimeout}: must be positive and below acknowledge-timeout ({AcknowledgeTimeout})";
        }

        if (RetireAfter < TimeSpan.Zero || (RetireAfter > TimeSpan.Zero && RetireAfter < TimeSpan.FromMinutes(10)))
        {
            yield return $"retire-after = {RetireAfter}: must be 0 (off) or at least 10m, so that a reboot retires nothing";
        }

        if (AbsenceCheckInterval < TimeSpan.Zero)
        {
            yield return $"absence-check-interval = {AbsenceCheckInterval}: must be 0 (off) or positive";
        }
    }
}
