using Akka.Event;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;
using GpuActors.Engine.Metrics;

namespace GpuActors.Engine.Store;

/// <summary>Writes with retries: until the write succeeds, or fails with an error that is not transient.</summary>
internal sealed class StoreWriter(
    StoreSettings settings,
    Func<Exception, bool> isTransient,
    EngineMetrics metrics,
    TimeProvider time,
    ILoggingAdapter log,
    CancellationToken stopping
)
{
    /// <summary>Logs and counts records that cannot be stored.</summary>
    public void Refuse(IReadOnlyList<RejectedRecord> records, string topic)
    {
        if (records is [var first, ..])
        {
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

    public async Task Write(Func<CancellationToken, Task> write, string what)
    {
        var delay = settings.MinRetryDelay;
        for (var failures = 0; ; failures++)
        {
            try
            {
                await write(stopping).ConfigureAwait(false);
                if (failures > 0)
                {
                    log.Info("Writing {0} succeeded after {1} failed attempts", what, failures);
                }

                return;
            }
            catch (Exception e) when (e is not OffsetConflictException and not OperationCanceledException && isTransient(e))
            {
                metrics.StoreRetried();
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
