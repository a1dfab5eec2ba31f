using GpuActors.Core.Hosts;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using static GpuActors.Engine.Protocol.GpuActorProtocol;

namespace GpuActors.Engine.Protocol;

/// <summary>
/// The messages between the GPUs of a host and the host's actor: a report per minute, and questions when a GPU becomes absent.
/// </summary>
public static class HostProtocol
{
    /// <summary>A message of this protocol: bound to <see cref="HostMessageSerializer"/>.</summary>
    public interface IHostMessage;

    /// <summary>
    /// A message that may change a host's state: the region finds its actor by <see cref="Host"/>, and starts it where there is none.
    /// </summary>
    public interface IHostCommand
    {
        /// <summary>Host name.</summary>
        string Host { get; }
    }

    /// <summary>What a GPU measured during one minute.</summary>
    /// <param name="Content">The measurements.</param>
    public sealed record Report(HostReport Content) : IHostCommand, IHostMessage
    {
        /// <inheritdoc/>
        public string Host => Content.Host;
    }

    /// <summary>A GPU sends no samples any more. Answered by <see cref="AbsenceVerdict"/>.</summary>
    /// <param name="Host">Its host.</param>
    /// <param name="Gpu">The GPU.</param>
    /// <param name="LastHeardMs">When its last record was appended, Unix milliseconds.</param>
    /// <param name="IntervalMs">Its usual interval between samples, milliseconds; NaN when unknown.</param>
    /// <param name="NowMs">Log time, Unix milliseconds.</param>
    public sealed record BecameAbsent(string Host, GpuId Gpu, long LastHeardMs, double IntervalMs, long NowMs) : IHostCommand, IHostMessage;

    /// <summary>A GPU has been taken out of its host for good: the others are not compared with it, and it is asked nothing.</summary>
    /// <param name="Host">Its host.</param>
    /// <param name="Gpu">The GPU.</param>
    public sealed record GpuRetired(string Host, GpuId Gpu) : IHostCommand, IHostMessage;

    /// <summary>Asks a GPU for the time of its last record. Answered by <see cref="Heard"/>.</summary>
    /// <param name="Gpu">The GPU.</param>
    public sealed record WhenHeard(GpuId Gpu) : IGpuQuery, IHostMessage;

    /// <summary>Answers <see cref="WhenHeard"/>.</summary>
    /// <param name="Gpu">The GPU.</param>
    /// <param name="When">When its records came.</param>
    public sealed record Heard(GpuId Gpu, LastHeard When) : IHostMessage;

    /// <summary>Why a GPU is absent.</summary>
    /// <param name="Gpu">The GPU.</param>
    /// <param name="NowMs">Log time of the question, Unix milliseconds.</param>
    /// <param name="Cause">Host absent, GPU lost or, when nothing is known, GPU absent.</param>
    public sealed record AbsenceVerdict(GpuId Gpu, long NowMs, Rule Cause) : IGpuCommand, IHostMessage;

    /// <summary>How a GPU's NVLink traffic compares with that of the other GPUs of its host.</summary>
    /// <param name="Content">The comparison.</param>
    public sealed record Peers(PeerVerdict Content) : IGpuCommand, IHostMessage
    {
        /// <inheritdoc/>
        public GpuId Gpu => Content.Gpu;
    }
}
