namespace GpuActors.Engine.Store;

/// <summary>How rows are gathered and written (<c>gpu-actors.store</c>).</summary>
public sealed record StoreSettings
{
    /// <summary>Rows in one transaction at most, give or take a batch. Default 20,000: where COPY's rate levels off.</summary>
    public int MaxBatchRows { get; init; } = 20_000;

    /// <summary>How long rows wait for company at most. Default 1 s: what Grafana shows is at most this much older than the log.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Transactions under way at once, each with partitions of its own. Default 2: one writes while the other commits.</summary>
    public int Writers { get; init; } = 2;

    /// <summary>First pause after a transient error; it doubles up to <see cref="MaxRetryDelay"/>. Default 200 ms.</summary>
    public TimeSpan MinRetryDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest pause between two tries. Default 10 s. There is no last try: rows wait in the log.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Checks the ranges.</summary>
    /// <returns>What is wrong, each with key, value and remedy; empty when all is well.</returns>
    public IEnumerable<string> Validate()
    {
        if (MaxBatchRows is < 1 or > 1_000_000)
        {
            yield return $"max-batch-rows = {MaxBatchRows}: 1 to 1000000 is wanted";
        }

        if (FlushInterval <= TimeSpan.Zero)
        {
            yield return $"flush-interval = {FlushInterval}: a positive time is wanted";
        }

        if (Writers is < 1 or > 16)
        {
            yield return $"writers = {Writers}: 1 to 16 is wanted";
        }

        if (MinRetryDelay <= TimeSpan.Zero || MaxRetryDelay < MinRetryDelay)
        {
            yield return $"min-retry-delay = {MinRetryDelay}, max-retry-delay = {MaxRetryDelay}: positive times are wanted, the second not below the first";
        }
    }
}
