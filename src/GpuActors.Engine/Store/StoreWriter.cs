using Akka.Event;
using GpuActors.Core.Storage;
using GpuActors.Engine.Metrics;

namespace GpuActors.Engine.Store;

/// <summary>One write, tried until it succeeds or its error is none that passes.</summary>
internal sealed class StoreWriter(StoreSettings settings, Func<Exception, bool> isTransient, EngineMetrics metrics, TimeProvider time, ILoggingAdapter log, CancellationToken stopping)
{
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
                    log.Warning("Writing {0} failed: {1}. It is tried again until it succeeds; the log keeps what comes meanwhile", what, e.Message);
                }

                await Task.Delay(delay, time, stopping).ConfigureAwait(false);
                delay = delay * 2 < settings.MaxRetryDelay ? delay * 2 : settings.MaxRetryDelay;
            }
        }
    }
}
