using Akka;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Gpus;
using GpuActors.Core.Logs;
using GpuActors.Core.Messaging;
using GpuActors.Core.Predictions;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;
using GpuActors.Engine.Composition;
using GpuActors.Engine.Detect;
using GpuActors.Engine.Metrics;
using GpuActors.Engine.Store;
using GpuActors.Host.Configuration;
using GpuActors.Kafka;
using GpuActors.Kafka.Batching;
using GpuActors.Kafka.Consuming;
using GpuActors.Kafka.Settings;
using GpuActors.Storage;

namespace GpuActors.Host.Node;

/// <summary>
/// DETECT, STORE and the view of the fleet of one process, wired to Kafka and the database. Used by <c>node</c> and <c>demo</c>.
/// </summary>
internal sealed class NodeRuntime : IAsyncDisposable
{
    private static readonly TimeSpan JoinTimeout = TimeSpan.FromSeconds(60);

    // In a storm of them they come by the thousand, and a request for each costs the broker more than the record.
    private static readonly TimeSpan DeadLetterLinger = TimeSpan.FromMilliseconds(20);

    // Less than akka.cluster.down-removal-margin.
    private static readonly TimeSpan AbandonTimeout = TimeSpan.FromSeconds(2);

    private readonly HostSettings _settings;
    private readonly KafkaRecordProducer? _producer;
    private readonly KafkaRecordProducer? _deadLetters;
    private readonly KafkaAlertHistory _history;
    private readonly FollowedPartitions _followedLogs = new();
    private readonly RestartableConsumer<SampleBatch> _detectSamples;
    private readonly RestartableConsumer<KernelLogBatch> _detectLogs;
    private readonly RestartableConsumer<SampleBatch> _storeSamples;
    private readonly RestartableConsumer<FactBatch<AlertTransition>> _storeAlerts;
    private readonly RestartableConsumer<FactBatch<FailurePrediction>> _storePredictions;
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITelemetryStore? _store;
    private ICheckpointStore? _checkpoints;
    private StoreEngine? _storeEngine;
    private StandstillWatch? _standstill;
    private bool _abandoned;

    private NodeRuntime(HostSettings settings, ActorSystem system)
    {
        settings = Named(settings, Cluster.Get(system).SelfAddress);
        _settings = settings;
        System = system;
        Rules = new RuleBook(settings.Rules);
        if (settings.Node.Roles.Contains("detect"))
        {
            // Alerts are few, and nobody wants them later. They are tried for ever: a record that is given up and handed over again may be
            // there twice.
            _producer = new KafkaRecordProducer(
                settings.Kafka,
                settings.Producer with
                {
                    Linger = TimeSpan.Zero,
                    MessageTimeout = TimeSpan.Zero,
                },
                system.Log
            );
            _deadLetters = new KafkaRecordProducer(
                settings.Kafka,
                settings.Producer with
                {
                    Linger = DeadLetterLinger,
                    MessageTimeout = TimeSpan.Zero,
                },
                system.Log
            );
            foreach (var producer in new[] { _producer, _deadLetters })
            {
                _ = producer.FatalError.ContinueWith(
                    fatal => Fail($"Nothing can be published to Kafka any more: {fatal.Result}"),
                    TaskScheduler.Default
                );
            }
        }

        CoordinatedShutdown
            .Get(system)
            .AddTask(
                CoordinatedShutdown.PhaseBeforeServiceUnbind,
                "tell-why",
                () =>
                {
                    if (CoordinatedShutdown.Get(system).ShutdownReason is CoordinatedShutdown.ClusterDowningReason)
                    {
                        Fail(
                            "The cluster has removed this node: it could not be reached for a while, and its GPUs are watched by other nodes now"
                        );
                    }

                    return Task.FromResult(Done.Instance);
                }
            );
        _history = new KafkaAlertHistory(settings.Kafka, settings.Topics.Alerts, system.Log);
        _detectSamples = SampleReader(settings.DetectConsumer, null);
        _detectLogs = new RestartableConsumer<KernelLogBatch>(() =>
            KafkaSource.FollowingPartitionedSource(
                settings.Kafka,
                settings.LogConsumer,
                () => new LogRecordBatcher(settings.Validation),
                _followedLogs
            )
        );
        _storeSamples = SampleReader(settings.StoreConsumer, Offsets(settings.Topics.Raw));
        _storeAlerts = FactReader(settings.AlertStoreConsumer, AlertCodec.Read);
        _storePredictions = FactReader(settings.PredictionStoreConsumer, PredictionCodec.Read);
    }

    /// <summary>The actor system; a member of its cluster.</summary>
    public ActorSystem System { get; }

    /// <summary>The rules in force.</summary>
    public RuleBook Rules { get; }

    /// <summary>What the engine counted.</summary>
    public EngineMetrics Metrics { get; } = new();

    /// <summary>GPUs seen by this process.</summary>
    public GpuRegistry Registry { get; } = new();

    /// <summary>DETECT; null without the role.</summary>
    public DetectEngine? Detect { get; private set; }

    /// <summary>The fleet from a node with the role api; null without it, and where DETECT has the way to all GPUs anyway.</summary>
    public FleetClient? Fleet { get; private set; }

    /// <summary>Incidents, acknowledgements and silences; null without the roles detect and api.</summary>
    public AlertLifecycle? Lifecycle => Detect?.Lifecycle ?? Fleet?.Lifecycle;

    /// <summary>Whether its endpoint is that of the whole fleet.</summary>
    public bool ServesFleet => _settings.Node.Roles.Contains("api");

    /// <summary>The database; null without the role store.</summary>
    public ITelemetryStore? Store => _store;

    /// <summary>Records that DETECT has not read yet; -1 while unknown.</summary>
    public long DetectLag => _detectSamples.Lag;

    /// <summary>Whether any role works on partitions.</summary>
    public bool Consumes => Detect is not null || _storeEngine is not null;

    /// <summary>Whether every role has partitions to work on.</summary>
    public bool HasPartitions =>
        (Detect is null || _detectSamples.Partitions > 0) && (_storeEngine is null || _storeSamples.Partitions > 0);

    /// <summary>Whether the node is a full member of its cluster.</summary>
    public bool IsUp => Cluster.Get(System).SelfMember.Status == MemberStatus.Up;

    /// <summary>
    /// Faults when the node must not go on: the others have gone on without it, or nothing can be published any more. The remedy is a new
    /// process, for which a supervisor cares.
    /// </summary>
    public Task Failed => _failed.Task;

    /// <summary>Joins the cluster and starts what the roles ask for. Topics and schema must be there.</summary>
    /// <exception cref="TimeoutException">A name in <c>node.seeds</c> did not resolve, or the cluster did not take the node.</exception>
    public static async Task<NodeRuntime> StartAsync(HostSettings settings, CancellationToken cancellationToken)
    {
        settings = settings with
        {
            Node = await SeedNodes.OfMachine.PlaceAsync(settings.Node, JoinTimeout, cancellationToken).ConfigureAwait(false),
        };
        var runtime = new NodeRuntime(settings, ActorSystem.Create(ActorSystemConfig.SystemName, ActorSystemConfig.Of(settings)));
        try
        {
            await runtime.JoinAsync(cancellationToken).ConfigureAwait(false);
            if (settings.Node.Roles.Contains("detect"))
            {
                await runtime.StartDetectAsync().ConfigureAwait(false);
            }

            if (settings.Node.Roles.Contains("store"))
            {
                runtime.StartStore();
            }

            if (runtime.ServesFleet && runtime.Detect is null)
            {
                runtime.Fleet = await FleetClient.StartAsync(runtime.System, runtime.FleetOptions()).ConfigureAwait(false);
            }

            return runtime;
        }
        catch
        {
            await runtime.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What an operator sees of a GPU, wherever in the cluster its actor is; null when it has never sent a sample.</summary>
    /// <exception cref="InvalidOperationException">The node has neither of the roles detect and api.</exception>
    public Task<GpuStatus?> StatusAsync(GpuId gpu, TimeSpan timeout) =>
        Detect?.StatusAsync(gpu, timeout)
        ?? Fleet?.StatusAsync(gpu, timeout)
        ?? throw new InvalidOperationException("This node has no way to GPUs");

    /// <summary>Finishes what is under way: acknowledges, writes, publishes, checkpoints.</summary>
    /// <exception cref="TimeoutException">It took longer than <c>node.stop-timeout</c>; nothing is lost, the next start reads it
    /// again.</exception>
    public async Task DrainAsync()
    {
        try
        {
            await DrainAllAsync().WaitAsync(_settings.Node.StopTimeout).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _storeEngine?.GiveUp();
            throw new TimeoutException(
                $"Work under way was not finished within {_settings.Node.StopTimeout} (node.stop-timeout); what is left stays in Kafka and is done after the next start"
            );
        }
    }

    /// <summary>
    /// Ends at once and leaves everything as it is. The others start this node's shards within seconds: whatever it still did would be done
    /// twice. Nothing is lost, since nothing is committed that was not done.
    /// </summary>
    public async Task AbandonAsync()
    {
        _abandoned = true;
        _standstill?.Dispose();
        _storeEngine?.GiveUp();
        var consumers = Task.WhenAll(
            _detectSamples.AbortAsync(),
            _detectLogs.AbortAsync(),
            _storeSamples.AbortAsync(),
            _storeAlerts.AbortAsync(),
            _storePredictions.AbortAsync()
        );
        await Task.WhenAny(Task.WhenAll(consumers, System.Terminate()), Task.Delay(AbandonTimeout)).ConfigureAwait(false);
        _producer?.Abandon();
        _deadLetters?.Abandon();
    }

    public async ValueTask DisposeAsync()
    {
        if (_abandoned)
        {
            return;
        }

        _standstill?.Dispose();
        if (_producer is not null)
        {
            await _producer.DisposeAsync().ConfigureAwait(false);
            await _deadLetters!.DisposeAsync().ConfigureAwait(false);
        }

        _history.Dispose();
        await CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ClrExitReason.Instance).ConfigureAwait(false);
        _storeEngine?.Dispose();
        if (_checkpoints is not null)
        {
            await _checkpoints.DisposeAsync().ConfigureAwait(false);
        }

        if (_store is not null)
        {
            await _store.DisposeAsync().ConfigureAwait(false);
        }

        Metrics.Dispose();
    }

    private async Task DrainAllAsync()
    {
        await Task.WhenAll(StopDetectAsync(), _storeSamples.StopAsync()).ConfigureAwait(false);
        await Task.WhenAll(_storeAlerts.StopAsync(), _storePredictions.StopAsync()).ConfigureAwait(false);
        if (_storeEngine is not null)
        {
            await _storeEngine.Completion.ConfigureAwait(false);
        }
    }

    // The logs' consumer is in no group.
    private static HostSettings Named(HostSettings settings, Address self)
    {
        var name = $"{settings.Kafka.ClientId}-{self.Host}-{self.Port}";
        KafkaConsumerSettings Of(KafkaConsumerSettings consumer) =>
            consumer.GroupInstanceId.Length > 0 ? consumer : consumer with { GroupInstanceId = name };
        return settings with
        {
            DetectConsumer = Of(settings.DetectConsumer),
            StoreConsumer = Of(settings.StoreConsumer),
            AlertStoreConsumer = Of(settings.AlertStoreConsumer),
            PredictionStoreConsumer = Of(settings.PredictionStoreConsumer),
        };
    }

    private void Fail(string reason) =>
        _failed.TrySetException(
            new InvalidOperationException($"{reason}. It ends, so that whoever supervises it starts it anew; nothing is lost")
        );

    private async Task StopDetectAsync()
    {
        // The samples' last checkpoints cover the logs, whose consumer therefore ends after theirs.
        await _detectSamples.StopAsync().ConfigureAwait(false);
        await _detectLogs.StopAsync().ConfigureAwait(false);
        if (Detect is not null)
        {
            await Detect.Completion.ConfigureAwait(false);
            await Detect.StopAsync().ConfigureAwait(false);
            await _producer!.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            await _deadLetters!.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task JoinAsync(CancellationToken cancellationToken)
    {
        var cluster = Cluster.Get(System);
        var up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.RegisterOnMemberUp(() => up.TrySetResult());
        if (_settings.Node.Seeds.Count == 0)
        {
            cluster.Join(cluster.SelfAddress);
        }

        try
        {
            await up.Task.WaitAsync(JoinTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(
                $"The cluster did not take this node ({cluster.SelfAddress}) within {JoinTimeout}: check node.seeds ({string.Join(", ", _settings.Node.Seeds)}) and that seeds reach node.host and node.port of this one"
            );
        }

        _standstill = new StandstillWatch(TimeUntilRemoval(), TimeProvider.System, StoodStill);
    }

    // After this long without a sign of life the others have taken this node's place.
    private TimeSpan TimeUntilRemoval()
    {
        var config = System.Settings.Config.GetConfig("akka.cluster");
        return config.GetTimeSpan("failure-detector.heartbeat-interval")
            + config.GetTimeSpan("failure-detector.acceptable-heartbeat-pause")
            + config.GetTimeSpan("split-brain-resolver.stable-after");
    }

    // It would find out by itself, but only after as long again, and meanwhile take partitions back from those who do the work.
    private void StoodStill(TimeSpan still)
    {
        var others = Cluster.Get(System).State.Members.Count(m => m.Status == MemberStatus.Up) - 1;
        if (others > 0)
        {
            Fail(
                $"This node stood still for {still.TotalSeconds:0.0} s, as a suspended machine does, and the other {others} have taken its place"
            );
        }
        else
        {
            System.Log.Warning("This node stood still for {0:0.0} s, as a suspended machine does", still.TotalSeconds);
        }
    }

    private async Task StartDetectAsync()
    {
        _checkpoints = CheckpointStores.Create(_settings.Storage.Provider, _settings.Journal.For(_settings.Storage));
        Detect = await DetectEngine
            .StartAsync(
                System,
                new DetectOptions
                {
                    Samples = _detectSamples.Source,
                    Logs = _detectLogs.Source,
                    LogFollowing = new LogFollowing(_followedLogs.Follow, _followedLogs.LeaveAsync),
                    Checkpoints = _checkpoints,
                    History = _history,
                    Producer = _producer!,
                    DeadLetterProducer = _deadLetters,
                    Registry = Registry,
                    Partitions = _settings.TopicLayout.Partitions,
                    Topic = _settings.Topics.Raw,
                    LogTopic = _settings.Topics.Logs,
                    Rules = Rules,
                    Detect = _settings.Detect,
                    Alerts = _settings.Alerts,
                    Topology = _settings.Topology,
                    Incidents = _settings.Incidents,
                    IncidentTopic = _settings.Topics.Incidents,
                    Metrics = Metrics,
                }
            )
            .ConfigureAwait(false);
    }

    private FleetOptions FleetOptions() =>
        new()
        {
            Partitions = _settings.TopicLayout.Partitions,
            Rules = Rules,
            Incidents = _settings.Incidents,
        };

    private void StartStore()
    {
        _store = TelemetryStores.Create(_settings.Storage);
        _storeEngine = StoreEngine.Start(
            System,
            new StoreOptions
            {
                Samples = _storeSamples.Source,
                Alerts = _storeAlerts.Source,
                Predictions = _storePredictions.Source,
                SampleTopic = _settings.Topics.Raw,
                AlertTopic = _settings.Topics.Alerts,
                PredictionTopic = _settings.Topics.Predictions,
                Store = _store,
                IsTransient = StoreErrors.IsTransient,
                Settings = _settings.Store,
                Metrics = Metrics,
            }
        );
    }

    private RestartableConsumer<SampleBatch> SampleReader(KafkaConsumerSettings consumer, StartOffsets? offsets) =>
        new(() =>
            KafkaSource.CommittablePartitionedSource(
                _settings.Kafka,
                consumer,
                () => new SampleRecordBatcher(Registry, _settings.Validation),
                offsets
            )
        );

    private RestartableConsumer<FactBatch<TFact>> FactReader<TFact>(KafkaConsumerSettings consumer, Func<ReadOnlyMemory<byte>, TFact> read)
        where TFact : class =>
        new(() =>
            KafkaSource.CommittablePartitionedSource(
                _settings.Kafka,
                consumer,
                () => new FactRecordBatcher<TFact>(read),
                Offsets(consumer.Topic)
            )
        );

    private StartOffsets Offsets(string topic) => (_, cancellationToken) => _store!.GetOffsetsAsync(topic, cancellationToken);
}
