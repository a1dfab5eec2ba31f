using GpuActors.Core.Logs;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;
using GpuActors.Engine.Composition;
using GpuActors.Engine.Detect;
using GpuActors.Kafka;
using GpuActors.Kafka.Admin;
using GpuActors.Kafka.Batching;
using GpuActors.Storage;

namespace GpuActors.Host.NodeRoles;

/// <summary>
/// DETECT: reads samples and kernel logs of the assigned partitions, applies them to the actors of their GPUs, and publishes alerts.
/// </summary>
internal sealed class DetectRole : INodeRole
{
    private readonly RoleContext _context;
    private readonly KafkaRecordProducer _alerts;
    private readonly KafkaRecordProducer _deadLetters;
    private readonly KafkaAlertHistory _history;
    private readonly ICheckpointStore _checkpoints;
    private readonly FollowedPartitions _followedLogs = new();
    private readonly RestartableConsumer<SampleBatch> _samples;
    private readonly RestartableConsumer<KernelLogBatch> _logs;
    private DetectEngine? _engine;
    private bool _abandoned;

    public DetectRole(RoleContext context)
    {
        _context = context;
        var settings = context.Settings;
        // Alerts are few and urgent, so they are sent without delay.
        _alerts = RoleProducers.Create(context, TimeSpan.Zero);
        _deadLetters = RoleProducers.Create(context, RoleProducers.DeadLetterLinger);
        _history = new KafkaAlertHistory(
            settings.Kafka,
            settings.Topics.Alerts,
            settings.Topics.OpenAlerts,
            settings.NotifyLog.GroupId,
            context.System.Log
        );
        _checkpoints = CheckpointStores.Create(settings.Storage.Provider, settings.Journal.For(settings.Storage));
        _samples = RoleConsumers.Samples(context, settings.DetectConsumer, null);
        _logs = new RestartableConsumer<KernelLogBatch>(() =>
            KafkaSource.FollowingPartitionedSource(
                settings.Kafka,
                settings.LogConsumer,
                () => new LogRecordBatcher(settings.Validation),
                _followedLogs
            )
        );
    }

    /// <inheritdoc/>
    public string Name => "detect";

    /// <inheritdoc/>
    public bool IsReady => _samples.IsReady;

    /// <summary>The running engine.</summary>
    /// <exception cref="InvalidOperationException">The role has not been started.</exception>
    public DetectEngine Engine => _engine ?? throw new InvalidOperationException("The role detect has not been started");

    /// <summary>Records that have not been read yet; -1 while unknown.</summary>
    public long Lag => _samples.Lag;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var settings = _context.Settings;
        using var topics = new KafkaTopics(settings.Kafka);
        var replicas = await topics
            .GetReplicasAsync(settings.Topics.Raw, settings.TopicLayout.Timeout, cancellationToken)
            .ConfigureAwait(false);
        var options = new DetectOptions
        {
            Samples = _samples.Source,
            Logs = _logs.Source,
            LogFollowing = new LogFollowing(_followedLogs.Follow, _followedLogs.LeaveAsync),
            Checkpoints = _checkpoints,
            History = _history,
            Producer = _alerts,
            DeadLetterProducer = _deadLetters,
            Registry = _context.Registry,
            Partitions = settings.TopicLayout.Partitions,
            Replicas = replicas ?? settings.TopicLayout.ReplicationFactor,
            Topic = settings.Topics.Raw,
            LogTopic = settings.Topics.Logs,
            Rules = _context.Rules,
            Detect = settings.Detect,
            Alerts = settings.Alerts,
            Topology = settings.Topology,
            Metrics = _context.Metrics,
        };
        _engine = await DetectEngine.StartAsync(_context.System, options).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task DrainAsync(Task upstream)
    {
        // The last checkpoints of the sample partitions also cover the kernel logs, so the consumer of the logs stops after them.
        await _samples.StopAsync().ConfigureAwait(false);
        await _logs.StopAsync().ConfigureAwait(false);
        if (_engine is null)
        {
            return;
        }

        await _engine.Completion.ConfigureAwait(false);
        await _engine.StopAsync().ConfigureAwait(false);
        await _alerts.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        await _deadLetters.FlushAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task AbandonAsync()
    {
        _abandoned = true;
        return Task.WhenAll(_samples.AbortAsync(), _logs.AbortAsync());
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_abandoned)
        {
            _alerts.Abandon();
            _deadLetters.Abandon();
            return;
        }

        await _alerts.DisposeAsync().ConfigureAwait(false);
        await _deadLetters.DisposeAsync().ConfigureAwait(false);
        _history.Dispose();
        await _checkpoints.DisposeAsync().ConfigureAwait(false);
    }
}
