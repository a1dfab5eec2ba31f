using Akka.Event;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;
using GpuActors.Engine.Metrics;

namespace GpuActors.Engine.Store;

/// <summary>One write, tried until it succeeds or its error is none that passes; and what can't be written.</summary>
internal sealed class StoreWriter(
    StoreSettings settings,
    Func<Exception, bool> isTransient,
    EngineMetrics metrics,
    TimeProvider time,
    ILoggingAdapter log,
    CancellationToken stopping
)
{
    /// <summary>Tells of records that say nothing that could be written.</summary>
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
                    log.Info("Writing {0} succeeded after {1} failed tries", what, failures);
                }

                return;
            }
            catch (Exception e) when (e is not OffsetConflictException and not OperationCanceledException && isTransient(e))
            {
                metrics.StoreRetried();
                if (failures == 0)
                {
                    log.Warning(
                        "Writing {0} failed: {1}. It is tried again until it succeeds; the log keeps what comes meanwhile",
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
