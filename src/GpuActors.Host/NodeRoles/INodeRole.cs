namespace GpuActors.Host.NodeRoles;

/// <summary>
/// One job of a node, such as DETECT or STORE. The node's runtime starts the roles that <c>node.roles</c> lists, asks them whether they are
/// ready, and ends them in one of two ways: <see cref="DrainAsync"/> finishes the work in progress, <see cref="AbandonAsync"/> drops it.
/// Either is followed by disposal, when the actor system has ended.
/// </summary>
internal interface INodeRole : IAsyncDisposable
{
    /// <summary>Name in <c>node.roles</c>; also the name of the readiness check.</summary>
    string Name { get; }

    /// <summary>Whether the role can do its work now. Called for each readiness request, so it must not block.</summary>
    bool IsReady { get; }

    /// <summary>Starts the role. The node is a full member of its cluster.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Stops taking new work and finishes the work in progress: acknowledges, writes, publishes, checkpoints.</summary>
    /// <param name="upstream">
    /// Completes when the roles that write what this role reads have drained. A role that must process their last records awaits it.
    /// </param>
    Task DrainAsync(Task upstream);

    /// <summary>
    /// Stops at once and leaves work in progress undone. Nothing is lost: offsets are committed only for work that is done, so the next
    /// owner of the partitions repeats the rest.
    /// </summary>
    Task AbandonAsync();
}
