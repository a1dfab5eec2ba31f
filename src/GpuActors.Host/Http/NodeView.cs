using GpuActors.Core.Samples;

namespace GpuActors.Host.Http;

/// <summary>What the HTTP endpoint shows of a node. Every answer is an object that serializes to snake_case JSON.</summary>
internal sealed record NodeView
{
    /// <summary>Conditions that must hold before the node counts as ready, by name; asked at each request, so cheap.</summary>
    public required Func<IReadOnlyDictionary<string, bool>> Readiness { get; init; }

    /// <summary>The live status of a GPU, which is null when the GPU is not known; null on a node that has no way to GPUs.</summary>
    /// <exception cref="TimeoutException">The GPU's actor did not answer in time.</exception>
    public Func<GpuId, CancellationToken, Task<object?>>? GpuStatus { get; init; }

    /// <summary>Alerts and what operators do with them; null on a node that has no way to them.</summary>
    public AlertDesk? Alerts { get; init; }
}
