using GpuActors.Kafka.Buffering;
using Microsoft.Extensions.Logging;

namespace GpuActors.Host.Logging;

/// <summary>Logs what happens to the records of a collector.</summary>
internal sealed class DeliveryLog(ILogger<DeliveryLog> logger) : IDeliveryEvents
{
    /// <inheritdoc/>
    public void Failing(string fault, string remedy) => logger.DeliveryFails(fault, remedy);

    /// <inheritdoc/>
    public void Dropping(long buffered) => logger.BufferFull(buffered);

    /// <inheritdoc/>
    public void Recovered(TimeSpan outage, long buffered, long dropped) => logger.DeliveryRecovered(outage.TotalSeconds, buffered, dropped);

    /// <inheritdoc/>
    public void DiskFailed(string directory, string fault) => logger.BufferWithoutFiles(directory, fault);
}
