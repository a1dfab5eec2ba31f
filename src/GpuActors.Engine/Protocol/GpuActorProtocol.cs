using Akka.Actor;
using GpuActors.Core.Logs;
using GpuActors.Core.Samples;

namespace GpuActors.Engine.Protocol;

/// <summary>Everything that reaches a GPU's actor, and what it answers.</summary>
public static class GpuActorProtocol
{
    /// <summary>A message for one GPU: the region finds its actor by <see cref="Gpu"/>.</summary>
    public interface IWithGpuId
    {
        /// <summary>The GPU.</summary>
        GpuId Gpu { get; }
    }

    /// <summary>A message of this protocol: bound to its own serializer.</summary>
    public interface IGpuMessage;

    /// <summary>The samples of one GPU in one batch.</summary>
    public sealed class IngestSamples : IWithGpuId, IGpuMessage
    {
        internal IngestSamples(GpuSample first, long batchNo, BatchTicket? ticket)
        {
            First = first;
            BatchNo = batchNo;
            Ticket = ticket;
        }

        /// <inheritdoc/>
        public GpuId Gpu => First.Gpu.Id;

        /// <summary>
        /// The first sample; the others follow by <see cref="GpuSample.NextOfGpu"/>. They belong to the batch until it is acknowledged.
        /// </summary>
        public GpuSample First { get; }

        /// <summary>Number of the batch on the node that sent it.</summary>
        public long BatchNo { get; }

        // Only on the sender's own node: a copy that crossed nodes is acknowledged by a message.
        internal BatchTicket? Ticket { get; }
    }

    /// <summary>A line of a kernel log about one device.</summary>
    public sealed class IngestLog : IWithGpuId, IGpuMessage
    {
        internal IngestLog(int partition, KernelLogRecord record, long batchNo, BatchTicket? ticket)
        {
            Partition = partition;
            Record = record;
            BatchNo = batchNo;
            Ticket = ticket;
        }

        /// <inheritdoc/>
        public GpuId Gpu => Record.Line.Gpu;

        /// <summary>Partition of <c>gpu-logs</c> that it came from.</summary>
        public int Partition { get; }

        /// <summary>The line and its place there.</summary>
        public KernelLogRecord Record { get; }

        /// <summary>Number of the batch on the node that sent it.</summary>
        public long BatchNo { get; }

        // Only on the sender's own node: a copy that crossed nodes is acknowledged by a message.
        internal BatchTicket? Ticket { get; }
    }

    /// <summary>Answers <see cref="IngestSamples"/> and <see cref="IngestLog"/> that came from another node.</summary>
    /// <param name="BatchNo">The batch.</param>
    public sealed record Ingested(long BatchNo) : IGpuMessage;

    /// <summary>Asks the actor whether its GPU has become absent.</summary>
    /// <param name="Gpu">The GPU.</param>
    /// <param name="NowMs">Log time, Unix milliseconds.</param>
    public sealed record CheckAbsence(GpuId Gpu, long NowMs) : IWithGpuId, IGpuMessage;

    /// <summary>Asks for the state of a GPU; answered by <see cref="State"/>.</summary>
    /// <param name="Gpu">The GPU.</param>
    public sealed record GetState(GpuId Gpu) : IWithGpuId, IGpuMessage;

    /// <summary>The state of a GPU in the form of its snapshot.</summary>
    /// <param name="Gpu">The GPU.</param>
    /// <param name="Snapshot">What <c>GpuState.Save</c> gives; empty when the GPU has never sent a sample.</param>
    public sealed record State(GpuId Gpu, byte[] Snapshot) : IWithGpuId, IGpuMessage;

    /// <summary>The shard moves: stop. Its checkpoint was written when the partition went.</summary>
    public sealed record HandOff : IGpuMessage, INoSerializationVerificationNeeded
    {
        /// <summary>The one instance.</summary>
        public static HandOff Instance { get; } = new();
    }

    /// <summary>Stops a GPU without keeping its state: the next message starts it from what is kept.</summary>
    public sealed record Forget : INoSerializationVerificationNeeded
    {
        /// <summary>The one instance.</summary>
        public static Forget Instance { get; } = new();
    }
}
