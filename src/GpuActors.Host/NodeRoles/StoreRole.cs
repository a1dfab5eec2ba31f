using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Messaging;
using GpuActors.Core.Predictions;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;
using GpuActors.Engine.Store;
using GpuActors.Kafka;
using GpuActors.Kafka.Consuming;
using GpuActors.Storage;

namespace GpuActors.Host.NodeRoles;

/// <summary>STORE: writes samples, alerts and predictions of the assigned partitions into the database.</summary>
internal sealed class StoreRole : INodeRole
{
    private readonly RoleContext _context;
    private readonly KafkaRecordProducer _deadLetters;
    private readonly RestartableConsumer<SampleBatch> _samples;
    private readonly RestartableConsumer<FactBatch<AlertTransition>> _alerts;
    private readonly RestartableConsumer<FactBatch<FailurePrediction>> _predictions;
    private StoreEngine? _engine;
    private bool _abandoned;

    public StoreRole(RoleContext context)
    {
        _context = context;
        var settings = context.Settings;
        Store = TelemetryStores.Create(settings.Storage);
        _deadLetters = RoleProducers.Create(context, RoleProducers.DeadLetterLinger);
        _samples = RoleConsumers.Samples(context, settings.StoreConsumer, Offsets(settings.Topics.Raw));
        _alerts = RoleConsumers.Facts(context, settings.AlertStoreConsumer, AlertCodec.Read, Offsets(settings.Topics.Alerts));
        _predictions = RoleConsumers.Facts(
            context,
            settings.PredictionStoreConsumer,
            PredictionCodec.Read,
            Offsets(settings.Topics.Predictions)
        );
    }

    /// <inheritdoc/>
    public string Name => "store";

    /// <inheritdoc/>
    public bool IsReady => _samples.IsReady;

    /// <summary>The database.</summary>
    public ITelemetryStore Store { get; }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var settings = _context.Settings;
        _engine = StoreEngine.Start(
            _context.System,
            new StoreOptions
            {
                Samples = _samples.Source,
                Alerts = _alerts.Source,
                Predictions = _predictions.Source,
                SampleTopic = settings.Topics.Raw,
                AlertTopic = settings.Topics.Alerts,
                PredictionTopic = settings.Topics.Predictions,
                DeadLetters = _deadLetters,
                DeadLetterTopic = settings.Topics.DeadLetter,
                Store = Store,
                IsTransient = StoreErrors.IsTransient,
                Settings = settings.Store,
                Metrics = _context.Metrics,
            }
        );
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task DrainAsync(Task upstream)
    {
        await _samples.StopAsync().ConfigureAwait(false);
        // DETECT publishes alerts while it drains.
        await upstream.ConfigureAwait(false);
        await Task.WhenAll(_alerts.StopAsync(), _predictions.StopAsync()).ConfigureAwait(false);
        if (_engine is not null)
        {
            await _engine.Completion.ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public Task AbandonAsync()
    {
        _abandoned = true;
        _engine?.GiveUp();
        return Task.WhenAll(_samples.AbortAsync(), _alerts.AbortAsync(), _predictions.AbortAsync());
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // An abandoned role waits neither for the brokers nor for the database.
        if (_abandoned)
        {
            _deadLetters.Abandon();
            return;
        }

        _engine?.Dispose();
        await _deadLetters.DisposeAsync().ConfigureAwait(false);
        await Store.DisposeAsync().ConfigureAwait(false);
    }

    // The database knows which records it has; what the consumer group has committed only spreads the partitions.
    private StartOffsets Offsets(string topic) => (_, cancellationToken) => Store.GetOffsetsAsync(topic, cancellationToken);
}
