using Akka.Actor;
using Akka.Event;
using GpuActors.Core.Samples;

namespace GpuActors.Engine.Gpus;

/// <summary>
/// The actors' own account of who was active when: one line at level info as a GPU's actor begins on this node and one as it ends, with the
/// number of this node's ownership of its shard. Of a GPU that moves, the line that ends it on one node comes before the line that begins
/// it on the next; of a node that died, its death does.
/// </summary>
/// <param name="system">Whose log is written.</param>
/// <param name="node">This node's address.</param>
internal sealed class EpochLog(ActorSystem system, string node)
{
    private readonly ILoggingAdapter _log = Logging.GetLogger(system, "GpuActors.Epochs");

    /// <summary>The GPU is active here from now on.</summary>
    public void Began(GpuId gpu, long epoch, long samples) => Write("begins", gpu, epoch, samples);

    /// <summary>The GPU is no longer active here.</summary>
    public void Ended(GpuId gpu, long epoch, long samples) => Write("ends", gpu, epoch, samples);

    private void Write(string what, GpuId gpu, long epoch, long samples)
    {
        if (_log.IsInfoEnabled)
        {
            _log.Info("{0} {1} epoch {2} on {3} at {4} samples", gpu.Value, what, epoch, node, samples);
        }
    }
}
