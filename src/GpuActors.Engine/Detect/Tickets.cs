using System.Collections.Concurrent;
using Akka.Actor;
using GpuActors.Engine.Protocol;

namespace GpuActors.Engine.Detect;

/// <summary>
/// The open tickets of a node by batch number, for acknowledgements that arrive as messages from other nodes. Thread-safe; bounded by the
/// number of batches in flight.
/// </summary>
internal sealed class Tickets
{
    private readonly ConcurrentDictionary<long, BatchTicket> _open = new();
    private long _last;

    public int Count => _open.Count;

    public BatchTicket Next()
    {
        var ticket = new BatchTicket(Interlocked.Increment(ref _last));
        _open[ticket.BatchNo] = ticket;
        return ticket;
    }

    public void Forget(BatchTicket ticket) => _open.TryRemove(ticket.BatchNo, out _);

    /// <summary>The actor that receives acknowledgements from other nodes.</summary>
    public Props Acknowledger() => Props.Create(() => new AcknowledgerActor(this));

    private sealed class AcknowledgerActor : ReceiveActor
    {
        public AcknowledgerActor(Tickets tickets) =>
            Receive<GpuActorProtocol.Ingested>(m =>
            {
                if (tickets._open.TryGetValue(m.BatchNo, out var ticket))
                {
                    ticket.Complete();
                }
            });
    }
}
