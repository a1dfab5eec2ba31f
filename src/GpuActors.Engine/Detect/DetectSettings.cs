namespace GpuActors.Engine.Detect;

/// <summary>How samples reach the GPU actors (<c>gpu-actors.detect</c>).</summary>
public sealed record DetectSettings
{
    /// <summary>Topic of records that are no samples. Default <c>gpu-metrics-dead-letter</c>.</summary>
    public string DeadLetterTopic { get; init; } = "gpu-metrics-dead-letter";

    /// <summary>
    /// Batches of one partition handed out before the first is acknowledged. Default 4: enough to keep the actors busy, few enough to
    /// replay.
    /// </summary>
    public int BatchesInFlight { get; init; } = 4;

    /// <summary>
    /// How long a batch may stay unacknowledged before its partition is read again from the committed offset. Default 60 s: longer than a
    /// shard's hand-off and a broker's leader change.
    /// </summary>
    public TimeSpan AcknowledgeTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often GPUs that have not been heard of are looked for. Default 1 s. 0 switches it off.</summary>
    public TimeSpan AbsenceCheckInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether the states of GPUs are kept over restarts. Default on.</summary>
    public bool Checkpoints { get; init; } = true;

    /// <summary>How often each shard's are written, one shard after the other. Default 60 s.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long a GPU's first sample waits for its kept state before it starts with empty windows. Default 10 s: alerts never wait for a
    /// database for long.
    /// </summary>
    public TimeSpan CheckpointTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Checks the ranges.</summary>
    /// <returns>What is wrong, each with key, value and remedy; empty when all is well.</returns>
    public IEnumerable<string> Validate()
    {
        if (BatchesInFlight is < 1 or > 64)
        {
            yield return $"batches-in-flight = {BatchesInFlight}: 1 to 64 is wanted";
        }

        if (AcknowledgeTimeout < TimeSpan.FromSeconds(1))
        {
            yield return $"acknowledge-timeout = {AcknowledgeTimeout}: at least 1s is wanted";
        }

        if (CheckpointInterval < TimeSpan.FromSeconds(1))
        {
            yield return $"checkpoint-interval = {CheckpointInterval}: at least 1s is wanted";
        }

        if (CheckpointTimeout <= TimeSpan.Zero || CheckpointTimeout >= AcknowledgeTimeout)
        {
            yield return $"checkpoint-timeout = {CheckpointTimeout}: a positive time below acknowledge-timeout ({AcknowledgeTimeout}) is wanted";
        }

        if (AbsenceCheckInterval < TimeSpan.Zero)
        {
            yield return $"absence-check-interval = {AbsenceCheckInterval}: 0 (off) or a positive time is wanted";
        }
    }
}
