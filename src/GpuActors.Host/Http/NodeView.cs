using GpuActors.Core.Gpus;
using GpuActors.Core.Samples;

namespace GpuActors.Host.Http;

/// <summary>What the HTTP endpoint shows of a node. Every answer is an object that serializes to snake_case JSON.</summary>
internal sealed record NodeView
{
    /// <summary>Readiness checks by name; the node is ready when all hold. Called for each request, so it must not block.</summary>
    public required Func<IReadOnlyDictionary<string, bool>> Readiness { get; init; }

    /// <summary>What keeps the node from being ready, in words.</summary>
    public Func<IReadOnlyList<string>> Troubles { get; init; } = () => [];

    /// <summary>The status of a GPU, null for an unknown GPU. Null on a node without access to GPUs.</summary>
    /// <exception cref="TimeoutException">The GPU's actor did not answer in time.</exception>
    public Func<GpuId, CancellationToken, Task<object?>>? GpuStatus { get; init; }

    /// <summary>Takes GPUs out of the fleet and returns how many; null on a node without access to GPUs.</summary>
    /// <exception cref="TimeoutException">Some GPUs' nodes did not answer in time.</exception>
    public Func<RetireScope, string, Task<int>>? Retire { get; init; }

    /// <summary>Alerts and the operators' commands on them; null on a node without access to them.</summary>
    public AlertDesk? Alerts { get; init; }
}
