namespace GpuActors.Engine.Store;

/// <summary>How rows are batched and written (<c>gpu-actors.store</c>).</summary>
public sealed record StoreSettings
{
    /// <summary>
    /// Most rows in one transaction, exceeded by less than a batch; 1 to 1,000,000. Default 20,000, where the rate of COPY levels off.
    /// </summary>
    public int MaxBatchRows { get; init; } = 20_000;

    /// <summary>Longest time that rows wait for their transaction. Default 1 s, by which Grafana lags behind the log.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Concurrent transactions, 1 to 16, each with partitions of its own. Default 2: one writes while the other commits.</summary>
    public int Writers { get; init; } = 2;

    /// <summary>
    /// First pause after a transient error; doubled with each further one up to <see cref="MaxRetryDelay"/>. Default 200 ms.
    /// </summary>
    public TimeSpan MinRetryDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest pause between two attempts. Default 10 s. Attempts continue without limit: the rows stay in the log.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Checks the ranges.</summary>
    /// <returns>One error per key, with key, value and remedy; empty when all values are valid.</returns>
    public IEnumerable<string> Validate()
    {
        if (MaxBatchRows is < 1 or > 1_000_000)
        {
            yield return $"max-batch-rows = {MaxBatchRows}: must be 1 to 1000000";
        }

        if (FlushInterval <= TimeSpan.Zero)
        {
            yield return $"flush-interval = {FlushInterval}: must be positive";
        }

        if (Writers is < 1 or > 16)
        {
            yield return $"writers = {Writers}: must be 1 to 16";
        }

        if (MinRetryDelay <= TimeSpan.Zero || MaxRetryDelay < MinRetryDelay)
        {
            yield return $"min-retry-delay = {MinRetryDelay}, max-retry-delay = {MaxRetryDelay}: "
                + "must be positive, and the second at least the first";
        }
    }
}
