using Akka.Actor;
using GpuActors.Core.Samples;
using GpuActors.Engine.Gpus;
using GpuActors.Engine.Metrics;
using GpuActors.Engine.Protocol;

namespace GpuActors.Engine.Detect;

/// <summary>The services that the feeders of a node share.</summary>
/// <param name="Region">The region of GPUs.</param>
/// <param name="Routes">The GPUs' actors on this node.</param>
/// <param name="Tickets">The open tickets of this node.</param>
/// <param name="Acknowledger">Receives acknowledgements from other nodes.</param>
/// <param name="DeadLetters">Takes the records that are not valid.</param>
/// <param name="Metrics">Counters.</param>
/// <param name="AcknowledgeTimeout">Longest wait for the acknowledgement of a batch.</param>
/// <param name="Partitions">Number of partitions, which is the number of shards.</param>
internal sealed record FeederServices(
    IActorRef Region,
    GpuRoutes Routes,
    Tickets Tickets,
    IActorRef Acknowledger,
    DeadLetterWriter DeadLetters,
    EngineMetrics Metrics,
    TimeSpan AcknowledgeTimeout,
    int Partitions
)
{
    /// <summary>
    /// Sends out a batch under a ticket of its own. Completes when every part of it is acknowledged and every rejected record is written.
    /// </summary>
    /// <returns>The ticket's number.</returns>
    /// <exception cref="TimeoutException">A part was not acknowledged in time: the partition must be read again.</exception>
    public async Task<long> Hand(
        int partition,
        long firstOffset,
        long nextOffset,
        IReadOnlyList<RejectedRecord> rejects,
        Action<BatchTicket> tell
    )
    {
        var ticket = Tickets.Next();
        tell(ticket);
        try
        {
            foreach (var rejected in rejects)
            {
                ticket.Add();
                await DeadLetters.Write(rejected, ticket).ConfigureAwait(false);
            }

            ticket.Complete();
            if (!ticket.Done.IsCompleted)
            {
                await ticket.Done.WaitAsync(AcknowledgeTimeout).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            Metrics.Failed();
            throw e is TimeoutException
                ? new TimeoutException(
                    $"Partition {partition}: {ticket.Outstanding} parts of the batch {firstOffset}..{nextOffset - 1} "
                        + $"were not acknowledged within {AcknowledgeTimeout}"
                )
                : e;
        }
        finally
        {
            Tickets.Forget(ticket);
        }

        return ticket.BatchNo;
    }
}
