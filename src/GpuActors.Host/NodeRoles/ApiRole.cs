using GpuActors.Engine.Composition;

namespace GpuActors.Host.NodeRoles;

/// <summary>
/// API: the way to all GPUs of the fleet for the HTTP endpoint. On a node that also detects, DETECT already has it.
/// </summary>
/// <param name="context">The node's services.</param>
/// <param name="detect">DETECT on this node; null without that role.</param>
internal sealed class ApiRole(RoleContext context, DetectRole? detect) : INodeRole
{
    /// <inheritdoc/>
    public string Name => "api";

    /// <inheritdoc/>
    public bool IsReady => detect is not null || Fleet is not null;

    /// <summary>Client of the fleet; null on a node that also detects, and before the start.</summary>
    public FleetClient? Fleet { get; private set; }

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (detect is not null)
        {
            return;
        }

        Fleet = await FleetClient.StartAsync(context.System, context.Settings.TopicLayout.Partitions).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task DrainAsync(Task upstream) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task AbandonAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
