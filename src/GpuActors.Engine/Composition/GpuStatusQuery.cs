using System.Diagnostics;
using Akka.Actor;
using GpuActors.Core.Gpus;
using GpuActors.Core.Samples;
using static GpuActors.Engine.Protocol.GpuActorProtocol;

namespace GpuActors.Engine.Composition;

/// <summary>Asks a GPU's actor for its status, on whichever node of the cluster the actor is.</summary>
internal static class GpuStatusQuery
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);

    /// <param name="region">The region of GPUs or its proxy.</param>
    /// <param name="gpu">The GPU.</param>
    /// <param name="timeout">Longest wait for the answer.</param>
    /// <returns>The status; null when the GPU has never sent a sample.</returns>
    /// <exception cref="AskTimeoutException">There is no answer in time: no node consumes the GPU's partition, or its shard is
    /// moving.</exception>
    public static async Task<GpuStatus?> AskAsync(IActorRef region, GpuId gpu, TimeSpan timeout)
    {
        var asked = Stopwatch.GetTimestamp();
        while (true)
        {
            var left = timeout - Stopwatch.GetElapsedTime(asked);
            if (left <= TimeSpan.Zero)
            {
                // A question with a timeout of zero or less would wait for ever.
                throw new AskTimeoutException($"No node has answered for {gpu} within {timeout}");
            }

            try
            {
                var answer = await region.Ask<CurrentStatus>(new GetStatus(gpu), left < AskAgain ? left : AskAgain).ConfigureAwait(false);
                return answer.Status;
            }
            catch (AskTimeoutException) when (left > AskAgain)
            {
                // Sharding drops messages while a shard moves.
            }
        }
    }
}
