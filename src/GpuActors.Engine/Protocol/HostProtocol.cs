using GpuActors.Core.Hosts;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using static GpuActors.Engine.Protocol.GpuActorProtocol;

namespace GpuActors.Engine.Protocol;

/// <summary>What passes between the GPUs of a host and the host's actor: a report a minute, and questions when one becomes absent.</summary>
public static class HostProtocol
{
    /// <summary>A message of this protocol: bound to its own serializer.</summary>
    public interface IHostMessage;

    /// <summary>A message for one host: the region finds its actor by <see cref="Host"/>.</summary>
    public interface IWithHost
    {
        /// <summary>Host name.</summary>
        string Host { get; }
    }

    /// <summary>A GPU's minute.</summary>
    /// <param name="Content">What it says.</param>
    public sealed record Report(HostReport Content) : IWithHost, IHostMessage
    {
        /// <inheritdoc/>
        public string Host => Content.Host;
    }

    /// <summary>A GPU is not heard of any more. Answered by <see cref="AbsenceVerdict"/>.</summary>
    /// <param name="Host">Its host.</param>
    /// <param name="Gpu">The GPU.</param>
    /// <param name="LastHeardMs">When its last record was appended, Unix milliseconds.</param>
    /// <param name="IntervalMs">How often it is usually heard; NaN when unknown.</param>
    /// <param name="NowMs">Log time, Unix milliseconds.</param>
    public sealed record BecameAbsent(string Host, GpuId Gpu, long LastHeardMs, double IntervalMs, long NowMs) : IWithHost, IHostMessage;

    /// <summary>Asks a GPU when it was heard last. Answered by <see cref="Heard"/>.</summary>
    /// <param name="Gpu">The GPU.</param>
    public sealed record WhenHeard(GpuId Gpu) : IWithGpuId, IHostMessage;

    /// <summary>When a GPU was heard last.</summary>
    /// <param name="Gpu">The GPU.</param>
    /// <param name="When">When.</param>
    public sealed record Heard(GpuId Gpu, LastHeard When) : IHostMessage;

    /// <summary>Why a GPU is absent.</summary>
    /// <param name="Gpu">The GPU.</param>
    /// <param name="NowMs">Log time at which it asked, Unix milliseconds.</param>
    /// <param name="Cause">Host absent, GPU lost or, when nothing is known, GPU absent.</param>
    public sealed record AbsenceVerdict(GpuId Gpu, long NowMs, Rule Cause) : IWithGpuId, IHostMessage;

    /// <summary>How a GPU's NVLink traffic stands beside its neighbours'.</summary>
    /// <param name="Content">What the host says.</param>
    public sealed record Peers(PeerVerdict Content) : IWithGpuId, IHostMessage
    {
        /// <inheritdoc/>
        public GpuId Gpu => Content.Gpu;
    }
}
