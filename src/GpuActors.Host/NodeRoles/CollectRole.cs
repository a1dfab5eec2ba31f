using GpuActors.Collector;
using GpuActors.Kafka.Buffering;
using Microsoft.Extensions.Logging;

namespace GpuActors.Host.NodeRoles;

/// <summary>COLLECT: scrapes exporters and follows a kernel log.</summary>
internal sealed class CollectRole : INodeRole
{
    private readonly RoleContext _context;
    private readonly BufferedRecordProducer _producer;
    private readonly TelemetryCollector _collector;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abort = new();
    private Task _collecting = Task.CompletedTask;

    public CollectRole(RoleContext context)
    {
        _context = context;
        var settings = context.Settings;
        _producer = RoleProducers.OfCollector(settings, context.Loggers);
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
    public bool IsReady => !_collecting.IsFaulted && _producer.IsDelivering;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _collecting = _collector.RunAsync(_stop.Token, _abort.Token);
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
        _abort.CancelAfter(_context.Settings.Producer.CloseTimeout);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _collecting.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task AbandonAsync()
    {
        await _abort.CancelAsync().ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _producer.DisposeAsync().ConfigureAwait(false);
        _collector.Dispose();
        _stop.Dispose();
        _abort.Dispose();
    }
}
