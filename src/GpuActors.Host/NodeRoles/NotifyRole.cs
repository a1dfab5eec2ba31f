using GpuActors.Core.Notify;
using GpuActors.Engine.Composition;
using GpuActors.Engine.Notify;
using GpuActors.Kafka.Notify;

namespace GpuActors.Host.NodeRoles;

/// <summary>
/// NOTIFY: forms incidents of alerts and publishes pages. Of all nodes with this role one is active; the others are ready to take over.
/// </summary>
internal sealed class NotifyRole(RoleContext context) : INodeRole
{
    private readonly FencingCount _fencings = new(TimeProvider.System);
    private bool _started;

    /// <inheritdoc/>
    public string Name => "notify";

    /// <inheritdoc/>
    public bool IsReady => _started;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var settings = context.Settings;
        NotifyEngine.Start(
            context.System,
            new NotifyOptions
            {
                Connect = () =>
                    new KafkaNotifyLog(
                        settings.Kafka,
                        settings.NotifyLog,
                        new NotifyTopics(
                            settings.Topics.Alerts,
                            settings.Topics.OpenAlerts,
                            settings.Topics.Incidents,
                            settings.Topics.Pages,
                            settings.Topics.Operations
                        ),
                        settings.TopicLayout.Partitions,
                        context.System.Log
                    ),
                Incidents = settings.Incidents,
                Settings = settings.Notify,
                Metrics = context.Metrics,
                OnFenced = Fenced,
            }
        );
        _started = true;
        return Task.CompletedTask;
    }

    private void Fenced()
    {
        if (_fencings.Add())
        {
            context.Fail(
                "Another node that is not in the cluster of this one is the active NOTIFY too (notify.transactional-id = "
                    + $"{context.Settings.NotifyLog.TransactionalId}), and both take over from each other. Give all nodes the same "
                    + "node.seeds, and each a node.host that the others can reach; a separate installation needs a transactional id, "
                    + "group ids and topics of its own"
            );
        }
    }

    // The last alerts of the other roles are in the topic. The node that takes over reads them.
    /// <inheritdoc/>
    public Task DrainAsync(Task upstream) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task AbandonAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
