using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Akka.Event;
using Confluent.Kafka;
using GpuActors.Core.Messaging;
using GpuActors.Kafka.Batching;
using GpuActors.Kafka.Settings;

namespace GpuActors.Kafka.Consuming;

/// <summary>
/// One dedicated thread with one consumer: polls, cuts batches and offers them to their partitions. Back-pressure stops polling; pausing a
/// partition is the last resort. Rebalance handlers run inside <see cref="IRecordConsumer.Poll"/> and <see cref="IRecordConsumer.Close"/>,
/// so that only this thread uses the state, apart from that of the partitions.
/// </summary>
[SuppressMessage(
    "Reliability",
    "CA1001",
    Justification = "A batch may be done long after the end; neither field holds an operating system handle unless its WaitHandle is used"
)]
internal sealed partial class ConsumerLoop<TBatch> : IConsumerControl, IPartitionOwner<TBatch>, IRebalanceListener
    where TBatch : class
{
    // Rebalance handlers and a stop wait this long at most while no records arrive; a record ends the wait at once.
    private const int IdlePollMs = 100;
    private const int PausedPollMs = 10;
    private const int LagEveryMs = 1_000;
    private const int StopPatience = 4;

    private readonly KafkaConsumerSettings _settings;
    private readonly IRecordBatcher<TBatch> _batcher;
    private readonly StartOffsets? _startOffsets;
    private readonly Func<RecordReader, IRebalanceListener, IRecordConsumer> _connect;
    private readonly ConcurrentDictionary<int, AssignedPartition<TBatch>> _partitions = new();
    private readonly List<AssignedPartition<TBatch>> _touched = [];
    private readonly ManualResetEventSlim _wake = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ErrorNotes _errors;
    private IRecordConsumer? _consumer;
    private Action<IPartitionBatches<TBatch>> _assigned = _ => { };
    private volatile Exception? _failure;
    private int _paused;
    private long _records;
    private long _lag = -1;
    private long _lagAt;
    private long _memberSince;
    private int _started;

    public ConsumerLoop(
        KafkaConsumerSettings settings,
        IRecordBatcher<TBatch> batcher,
        StartOffsets? startOffsets,
        Func<RecordReader, IRebalanceListener, IRecordConsumer> connect
    )
    {
        _settings = settings;
        _batcher = batcher;
        _startOffsets = startOffsets;
        _connect = connect;
        _errors = new ErrorNotes(settings.Topic, settings.GroupId);
    }

    public Task Completion => _completion.Task;

    public IReadOnlyList<int> Partitions => [.. _partitions.Keys.Order()];

    public TimeSpan? MemberFor =>
        Interlocked.Read(ref _memberSince) is > 0 and var since ? TimeSpan.FromMilliseconds(Environment.TickCount64 - since) : null;

    public long Lag => Interlocked.Read(ref _lag);

    public int BatchesInFlight => _partitions.Values.Sum(p => p.InFlight);

    public long Records => Interlocked.Read(ref _records);

    public long Errors => _errors.Count;

    public string? LastError => _errors.Last;

    public string Topic => _settings.Topic;

    public string Group => _settings.GroupId;

    /// <summary>
    /// Starts the thread. <paramref name="assigned"/> is called on this thread; the end is reported through <see cref="Completion"/>.
    /// </summary>
    public void Start(ILoggingAdapter log, Action<IPartitionBatches<TBatch>> assigned)
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            throw new InvalidOperationException("The consumer has been started already");
        }

        _errors.Log = log;
        _assigned = assigned;
        new Thread(Run) { IsBackground = true, Name = $"kafka {_settings.GroupId} {_settings.Topic}" }.Start();
    }

    public Task DrainAndStop()
    {
        if (Interlocked.CompareExchange(ref _started, 1, 0) == 0)
        {
            _completion.TrySetResult();
        }

        if (!_completion.Task.IsCompleted)
        {
            _stopping.Cancel();
            _wake.Set();
        }

        return Completion;
    }

    public async Task Abort()
    {
        _failure ??= new OperationCanceledException($"The consumer of {Topic} in group {Group} was aborted");
        await DrainAndStop()
            .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default)
            .ConfigureAwait(false);
    }

    private void Run()
    {
        KafkaMetrics.Consumers.TryAdd(this, Group);
        try
        {
            _consumer = _connect(_batcher.Read, this);
            _consumer.Subscribe();
            while (!_stopping.IsCancellationRequested && _failure is null)
            {
                Reopen();
                if (MakeRoom())
                {
                    Round();
                }
            }
        }
        catch (Exception e)
        {
            // The top of the thread: any exception ends the stream.
            _failure ??= FailureOf(e);
        }

        End();
        KafkaMetrics.Consumers.TryRemove(this, out _);
    }

    private Exception FailureOf(Exception error) =>
        error is KafkaException { Error.Code: ErrorCode.FencedInstanceId }
            ? new InstanceFencedException(Group, _settings.GroupInstanceId)
            : error;

    private void End()
    {
        try
        {
            if (_failure is null)
            {
                // No group waits for a consumer that stops; its caller has a limit of its own.
                Drain(_partitions.Values, _settings.RevokeDrainTimeout * StopPatience);
            }
            else
            {
                CloseAll(_failure);
            }

            _consumer?.Close();
        }
        catch (Exception e)
        {
            _failure ??= e;
        }

        CloseAll(_failure);
        _consumer?.Dispose();
        _ = _failure is null ? _completion.TrySetResult() : _completion.TrySetException(_failure);
    }

    // Waits while a partition is full, and pauses one that has been full for long. Returns false when it must be called again before
    // polling.
    private bool MakeRoom()
    {
        _wake.Reset();
        var now = Environment.TickCount64;
        var wait = long.MaxValue;
        foreach (var (_, partition) in _partitions)
        {
            if (partition.HasRoom)
            {
                partition.FullSince = 0;
                SetPaused(partition, false);
            }
            else if (!partition.IsPaused)
            {
                partition.FullSince = partition.FullSince == 0 ? now : partition.FullSince;
                var left = partition.FullSince + (long)_settings.PauseAfter.TotalMilliseconds - now;
                if (left > 0)
                {
                    wait = Math.Min(wait, left);
                }
                else
                {
                    SetPaused(partition, true);
                }
            }
        }

        if (wait == long.MaxValue)
        {
            return true;
        }

        _wake.Wait((int)wait);
        return false;
    }

    private void SetPaused(AssignedPartition<TBatch> partition, bool paused)
    {
        if (partition.IsPaused == paused)
        {
            return;
        }

        partition.IsPaused = paused;
        _paused += paused ? 1 : -1;
        if (paused)
        {
            KafkaMetrics.Pauses.Add(1, KafkaMetrics.Group(Group));
            _consumer!.Pause(partition.Partition);
        }
        else
        {
            _consumer!.Resume(partition.Partition);
        }
    }

    private void Round()
    {
        var count = 0;
        var timeout = _paused > 0 ? PausedPollMs : IdlePollMs;
        while (count < _settings.MaxBatchRecords && PollOne(count == 0 ? timeout : 0))
        {
            count++;
        }

        if (count > 0)
        {
            Interlocked.Add(ref _records, count);
            KafkaMetrics.Records.Add(count, KafkaMetrics.Group(Group));
            _errors.Recovered();
            CutBatches();
        }

        MeasureLag();
    }

    private bool PollOne(int timeoutMs)
    {
        try
        {
            if (!_consumer!.Poll(timeoutMs, out var position) || _failure is not null)
            {
                return false;
            }

            // A record that was fetched before its partition left is read by the next owner.
            if (_partitions.TryGetValue(position.Partition, out var partition))
            {
                _batcher.Add(position.Partition, position.Offset, position.TimestampMs);
                if (partition.Records++ == 0)
                {
                    _touched.Add(partition);
                }

                if (partition.Position < 0)
                {
                    _firsts.TryAdd(position.Partition, position.Offset);
                }

                partition.Position = position.Offset + 1;
            }
            else
            {
                _firsts.TryAdd(position.Partition, position.Offset);
            }

            return true;
        }
        catch (ConsumeException e)
            when (!e.Error.IsFatal && e.Error.Code is not (ErrorCode.Local_KeyDeserialization or ErrorCode.Local_ValueDeserialization))
        {
            _errors.Note(e.Error);
            return false;
        }
    }

    private void CutBatches()
    {
        foreach (var partition in _touched)
        {
            // Zero when the partition left during the round: its records were discarded.
            if (partition.Records > 0)
            {
                partition.Offer(_batcher.Cut(partition.Partition));
            }
        }

        KafkaMetrics.Batches.Add(_touched.Count, KafkaMetrics.Group(Group));
        _touched.Clear();
    }

    private void MeasureLag()
    {
        var now = Environment.TickCount64;
        if (now - _lagAt < LagEveryMs)
        {
            return;
        }

        _lagAt = now;
        Interlocked.Exchange(
            ref _memberSince,
            !_consumer!.IsMember ? 0
                : _memberSince > 0 ? _memberSince
                : now
        );
        var lag = 0L;
        var known = false;
        foreach (var (number, partition) in _partitions)
        {
            var end = _consumer!.EndOffset(number);
            if (end >= 0 && (partition.Position >= 0 || end == 0))
            {
                known = true;
                lag += Math.Max(0, end - Math.Max(0, partition.Position));
            }
        }

        Interlocked.Exchange(ref _lag, known ? lag : -1);
    }
}
