using Akka.Actor;
using GpuActors.Core.Gpus;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using static GpuActors.Engine.Protocol.GpuActorProtocol;

namespace GpuActors.Engine.Composition;

/// <summary>Questions to a GPU's actor, wherever in the cluster it is.</summary>
internal static class GpuQuery
{
    /// <summary>What an operator sees of a GPU; null when it has never sent a sample.</summary>
    /// <exception cref="AskTimeoutException">The actor did not answer in time.</exception>
    public static async Task<GpuStatus?> StatusAsync(IActorRef region, GpuId gpu, RuleSettings rules, TimeSpan timeout)
    {
        var state = await region.Ask<State>(new GetState(gpu), timeout).ConfigureAwait(false);
        var loaded = GpuState.Load(gpu, state.Snapshot);
        return loaded.Samples == 0 ? null : loaded.Status(rules);
    }
}
