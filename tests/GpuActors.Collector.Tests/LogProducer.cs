using System.Collections.Concurrent;
using System.Text;
using GpuActors.Core.Logs;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;

namespace GpuActors.Collector.Tests;

/// <summary>Takes the records of the log topic.</summary>
internal sealed class LogProducer : IRecordProducer
{
    public ConcurrentQueue<(string Key, KernelLogEvent Line)> Lines { get; } = new();

    /// <summary>What the broker answers; null when it accepts.</summary>
    public string? Failure { get; set; }

    public int QueuedRecords => 0;

    public bool TryProduce(in OutgoingRecord record, DeliveryHandler? onDelivered = null, object? state = null)
    {
        Assert.Equal("gpu-logs", record.Topic);
        Assert.Equal(RejectReason.None, KernelLogCodec.Read(record.Value, out var line, out _));
        Lines.Enqueue((Encoding.ASCII.GetString(record.Key!), line!));
        onDelivered?.Invoke(state, Failure, Failure is null ? 0 : -1);
        return true;
    }

    public Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
