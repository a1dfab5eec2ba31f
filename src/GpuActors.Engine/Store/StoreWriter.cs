using Akka.Event;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;
using GpuActors.Engine.Metrics;
using GpuActors.Engine.Streams;

namespace GpuActors.Engine.Store;

/// <summary>
/// Writes rows of one topic with retries: until the write succeeds, or fails with an error that is neither transient nor caused by single
/// rows. Rows that the database refuses become dead letters, and the others are written.
/// </summary>
internal sealed class StoreWriter(
    StoreSettings settings,
    Func<Exception, bool> isTransient,
    EngineMetrics metrics,
    TimeProvider time,
    ILoggingAdapter log,
    StreamWatch watch,
    string topic,
    DeadLetterProducer deadLetters,
    CancellationToken stopping
)
{
    private readonly string _write = $"writing rows of {topic}";

    /// <summary>Is told of partitions that fail.</summary>
    public StreamWatch Watch => watch;

    /// <summary>Writes dead letters for records that cannot be stored, logs and counts them.</summary>
    public async Task Refuse(IReadOnlyList<RejectedRecord> records)
    {
        if (records is [var first, ..])
        {
            // Before the offset moves, so that no record is lost. After a crash in between there are two dead letters of it.
            await Task.WhenAll(records.Select(deadLetters.WriteAsync)).WaitAsync(stopping).ConfigureAwait(false);
            metrics.StoreRefused(records.Count);
            log.Warning(
                "{0} records of {1} are not stored, the first at partition {2}, offset {3}: {4}",
                records.Count,
                topic,
                first.Partition,
                first.Offset,
                first.Detail
            );
        }
    }

    /// <summary>Writes all rows that the database accepts.</summary>
    /// <param name="write">Writes the rows in one transaction, and returns their number.</param>
    /// <param name="takeOut">
    /// Takes a refused row out of what <paramref name="write"/> writes, and returns its record. It is called with descending indexes, so
    /// that each is still valid.
    /// </param>
    /// <param name="what">What is written, for the log: "20 alerts".</param>
    /// <returns>The number of rows written.</returns>
    public async Task<int> Write(Func<CancellationToken, Task<int>> write, Func<RefusedRow, RejectedRecord> takeOut, string what)
    {
        while (true)
        {
            try
            {
                return await Retry(write, what).ConfigureAwait(false);
            }
            catch (RowsRefusedException e)
            {
                await Refuse([.. e.Rows.Reverse().Select(takeOut).Reverse()]).ConfigureAwait(false);
            }
        }
    }

    private async Task<int> Retry(Func<CancellationToken, Task<int>> write, string what)
    {
        var delay = settings.MinRetryDelay;
        for (var failures = 0; ; failures++)
        {
            try
            {
                var rows = await write(stopping).ConfigureAwait(false);
                metrics.Troubles.Over("store", _write);
                if (failures > 0)
                {
                    log.Info("Writing {0} succeeded after {1} failed attempts", what, failures);
                }

                return rows;
            }
            catch (Exception e)
                when (e is not (OffsetConflictException or RowsRefusedException or OperationCanceledException) && isTransient(e))
            {
                metrics.StoreRetried();
                metrics.Troubles.Failed("store", _write, e.Message);
                if (failures == 0)
                {
                    log.Warning(
                        "Writing {0} failed: {1}. The write is retried until it succeeds; new rows stay in the log meanwhile",
                        what,
                        e.Message
                    );
                }

                await Task.Delay(delay, time, stopping).ConfigureAwait(false);
                delay = delay * 2 < settings.MaxRetryDelay ? delay * 2 : settings.MaxRetryDelay;
            }
        }
    }
}
