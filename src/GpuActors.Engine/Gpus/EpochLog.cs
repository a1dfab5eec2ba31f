using Akka.Actor;
using Akka.Event;
using GpuActors.Core.Samples;

namespace GpuActors.Engine.Gpus;

/// <summary>
/// Logs when GPUs are active on this node: one line at level info when a GPU's actor starts and one when it stops, with the epoch, the
/// number of this node's ownership of the shard. When a GPU moves, its line "ends" on one node precedes its line "begins" on the next,
/// unless the first node died.
/// </summary>
/// <param name="system">The system whose log is written.</param>
/// <param name="node">This node's address.</param>
internal sealed class EpochLog(ActorSystem system, string node)
{
    private readonly ILoggingAdapter _log = Logging.GetLogger(system, "GpuActors.Epochs");

    /// <summary>Logs that a GPU becomes active on this node.</summary>
    public void Began(GpuId gpu, long epoch, long samples) => Write("begins", gpu, epoch, samples);

    /// <summary>Logs that a GPU is no longer active on this node.</summary>
    public void Ended(GpuId gpu, long epoch, long samples) => Write("ends", gpu, epoch, samples);

    private void Write(string what, GpuId gpu, long epoch, long samples)
    {
        if (_log.IsInfoEnabled)
        {
            _log.Info("{0} {1} epoch {2} on {3} at {4} samples", gpu.Value, what, epoch, node, samples);
        }
    }
}
