using GpuActors.Collector;
using GpuActors.Kafka;
using Microsoft.Extensions.Logging;

namespace GpuActors.Host.NodeRoles;

/// <summary>COLLECT: scrapes exporters and follows a kernel log.</summary>
internal sealed class CollectRole : INodeRole
{
    private readonly RoleContext _context;
    private readonly KafkaRecordProducer _producer;
    private readonly TelemetryCollector _collector;
    private readonly CancellationTokenSource _stop = new();
    private Task _collecting = Task.CompletedTask;
    private bool _abandoned;

    public CollectRole(RoleContext context)
    {
        _context = context;
        var settings = context.Settings;
        _producer = new KafkaRecordProducer(settings.Kafka, settings.Producer, context.System.Log);
        _collector = new TelemetryCollector(
            settings.Collector,
            _producer,
            settings.Topics.Raw,
            settings.Topics.Logs,
            TimeProvider.System,
            context.Loggers.CreateLogger<TelemetryCollector>()
        );
    }

    /// <inheritdoc/>
    public string Name => "collect";

    /// <inheritdoc/>
    public bool IsReady => !_collecting.IsFaulted;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _collecting = _collector.RunAsync(_stop.Token, CancellationToken.None);
        _ = _collecting.ContinueWith(
            failed => _context.Fail($"The collector has failed: {failed.Exception!.GetBaseException().Message}"),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default
        );
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task DrainAsync(Task upstream)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _collecting.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task AbandonAsync()
    {
        _abandoned = true;
        return _stop.CancelAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_abandoned)
        {
            _producer.Abandon();
        }
        else
        {
            await _producer.DisposeAsync().ConfigureAwait(false);
        }

        _collector.Dispose();
        _stop.Dispose();
    }
}
