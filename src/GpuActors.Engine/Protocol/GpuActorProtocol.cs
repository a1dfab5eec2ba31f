using Akka.Actor;
using GpuActors.Core.Gpus;
using GpuActors.Core.Logs;
using GpuActors.Core.Samples;

namespace GpuActors.Engine.Protocol;

/// <summary>The messages that a GPU's actor receives, and its answers.</summary>
public static class GpuActorProtocol
{
    /// <summary>A message of this protocol: bound to <see cref="GpuMessageSerializer"/>.</summary>
    public interface IGpuMessage;

    /// <summary>A message to one GPU: the region finds its actor by <see cref="Gpu"/>.</summary>
    public interface IWithGpuId
    {
        /// <summary>The GPU.</summary>
        GpuId Gpu { get; }
    }

    /// <summary>A message that may change a GPU's state. It starts the GPU's actor where there is none.</summary>
    public interface IGpuCommand : IWithGpuId;

    /// <summary>
    /// A question without side effects. It reaches only actors that exist: the shard answers for a GPU that it does not have.
    /// </summary>
    public interface IGpuQuery : IWithGpuId;

    /// <summary>The samples of one GPU in one batch.</summary>
    public sealed class IngestSamples : IGpuCommand, IGpuMessage
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

        // Null after the message has crossed nodes: such a copy is acknowledged by a message.
        internal BatchTicket? Ticket { get; }
    }

    /// <summary>A kernel log line about one device.</summary>
    public sealed class IngestLog : IGpuCommand, IGpuMessage
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

        /// <summary>Partition of <c>gpu-logs</c> that holds the line.</summary>
        public int Partition { get; }

        /// <summary>The line with its offset and append time.</summary>
        public KernelLogRecord Record { get; }

        /// <summary>Number of the batch on the node that sent it.</summary>
        public long BatchNo { get; }

        // Null after the message has crossed nodes: such a copy is acknowledged by a message.
        internal BatchTicket? Ticket { get; }
    }

    /// <summary>Answers <see cref="IngestSamples"/> and <see cref="IngestLog"/> that came from another node.</summary>
    /// <param name="BatchNo">The batch.</param>
    public sealed record Ingested(long BatchNo) : IGpuMessage;

    /// <summary>Makes the actor check whether its GPU has become absent.</summary>
    /// <param name="Gpu">The GPU.</param>
    /// <param name="NowMs">Log time, Unix milliseconds.</param>
    public sealed record CheckAbsence(GpuId Gpu, long NowMs) : IGpuCommand, IGpuMessage;

    /// <summary>Asks for the status of a GPU; answered by <see cref="CurrentStatus"/>.</summary>
    /// <param name="Gpu">The GPU.</param>
    public sealed record GetStatus(GpuId Gpu) : IGpuQuery, IGpuMessage;

    /// <summary>Answers <see cref="GetStatus"/>.</summary>
    /// <param name="Gpu">The GPU.</param>
    /// <param name="Status">Its status by the rules in force on its node; null when it has never sent a sample.</param>
    public sealed record CurrentStatus(GpuId Gpu, GpuStatus? Status) : IGpuMessage;

    /// <summary>The shard moves to another node: the actor stops. Its checkpoint was written when the partition left.</summary>
    public sealed record HandOff : IGpuMessage, INoSerializationVerificationNeeded
    {
        /// <summary>The one instance.</summary>
        public static HandOff Instance { get; } = new();
    }

    /// <summary>
    /// Retires the GPU if it belongs to what is retired: its alerts resolve, its state goes, and the actor stops. Answered by
    /// <see cref="Retired"/>. From the shard's probe, or from the check for GPUs that have been silent for long.
    /// </summary>
    /// <param name="Scope">What is retired.</param>
    /// <param name="Name">Its id or name.</param>
    public sealed record Retire(RetireScope Scope, string Name) : INoSerializationVerificationNeeded;

    /// <summary>Answers <see cref="Retire"/>.</summary>
    /// <param name="IsRetired">Whether the GPU belonged to it.</param>
    public sealed record Retired(bool IsRetired) : INoSerializationVerificationNeeded;

    /// <summary>Stops the actor without saving its state: the next command starts it from the last checkpoint.</summary>
    public sealed record Forget : INoSerializationVerificationNeeded
    {
        /// <summary>The one instance.</summary>
        public static Forget Instance { get; } = new();
    }
}
