using Akka.Event;
using Confluent.Kafka;
using Error = Confluent.Kafka.Error;
using LogMessage = Confluent.Kafka.LogMessage;

namespace GpuActors.Kafka.Consuming;

// Assignment and revocation of partitions, and the calls of their readers.
internal sealed partial class ConsumerLoop<TBatch>
{
    private static readonly IReadOnlyDictionary<int, long> Committed = new Dictionary<int, long>();
    private static readonly TimeSpan OffsetsTimeout = TimeSpan.FromSeconds(5);

    // Waits, for each partition, for the batches in flight and then for the work before its release.
    private void Drain(IEnumerable<AssignedPartition<TBatch>> partitions, TimeSpan limit)
    {
        var leaving = partitions.ToList();
        leaving.ForEach(p =>
        {
            Discard(p);
            p.Complete();
        });
        var deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        var released = new HashSet<AssignedPartition<TBatch>>();
        while (true)
        {
            _wake.Reset();
            foreach (var partition in leaving.Where(p => p.InFlight == 0 && released.Add(p)))
            {
                _ = partition
                    .Release()
                    .ContinueWith(
                        _ => _wake.Set(),
                        CancellationToken.None,
                        TaskContinuationOptions.ExecuteSynchronously,
                        TaskScheduler.Default
                    );
            }

            var left = deadline - Environment.TickCount64;
            if (left <= 0 || leaving.TrueForAll(p => released.Contains(p) && p.Release().IsCompleted))
            {
                return;
            }

            _wake.Wait((int)left);
        }
    }

    private void Discard(AssignedPartition<TBatch> partition)
    {
        if (partition.Records > 0)
        {
            partition.Records = 0;
            _batcher.Discard(partition.Partition);
        }
    }

    private void CloseAll(Exception? failure)
    {
        foreach (var number in _partitions.Keys)
        {
            Forget(number, failure);
        }
    }

    private void Forget(int number, Exception? failure)
    {
        if (!_partitions.TryRemove(number, out var partition))
        {
            return;
        }

        Discard(partition);
        ResumeForNextTime(partition);
        var unfinished = partition.Close(failure);
        if (unfinished > 0)
        {
            KafkaMetrics.Unfinished.Add(unfinished, KafkaMetrics.Group(Group));
            _errors.Log.Warning(
                "Kafka: partition {0} of {1} leaves group {2} with {3} batches in flight; its next owner reads them again",
                number,
                Topic,
                Group,
                unfinished
            );
        }
    }

    // The client library remembers a pause over a reassignment, and would never read the partition again.
    private void ResumeForNextTime(AssignedPartition<TBatch> partition)
    {
        if (!partition.IsPaused)
        {
            return;
        }

        _paused--;
        try
        {
            _consumer?.Resume(partition.Partition);
        }
        catch (KafkaException e)
        {
            _errors.Note(e.Error);
        }
        catch (ObjectDisposedException)
        {
            // The consumer is closed: no pause is remembered.
        }
    }

    IReadOnlyDictionary<int, long> IRebalanceListener.Assigned(IReadOnlyList<int> partitions, IReadOnlyDictionary<int, long>? starts)
    {
        KafkaMetrics.Rebalances.Add(1, KafkaMetrics.Group(Group), KafkaMetrics.Event("assigned"));
        try
        {
            starts ??= Starts(partitions);
            CheckAgainstLog(partitions, starts);
            foreach (var number in partitions)
            {
                var partition = new AssignedPartition<TBatch>(number, _settings.MaxBatchesInFlight, _settings.ManualCommit, this);
                _partitions[number] = partition;
                _firsts.Remove(number);
                _stored.TryRemove(number, out _);
                _assigned(partition);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The consumer stops before it has read anything: there is nothing to release.
        }
        catch (Exception e)
        {
            // An exception must not propagate through the native caller: the loop fails the stream with it.
            _failure ??= new InvalidOperationException(
                $"No start offsets for partitions {string.Join(", ", partitions)} of {Topic} (group {Group}): {e.Message}",
                e
            );
        }

        return starts ?? Committed;
    }

    private IReadOnlyDictionary<int, long> Starts(IReadOnlyList<int> partitions)
    {
        if (_startOffsets is null || partitions.Count == 0)
        {
            return Committed;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        limit.CancelAfter(_settings.MaxPollInterval / 2);
        // The group waits for this thread anyway, so waiting here delays nothing else.
        return _startOffsets(partitions, limit.Token).GetAwaiter().GetResult();
    }

    // Without this check the client would silently restart from the start of the log when the offset is out of range.
    private void CheckAgainstLog(IReadOnlyList<int> partitions, IReadOnlyDictionary<int, long> starts)
    {
        foreach (var number in partitions.Where(starts.ContainsKey))
        {
            var start = starts[number];
            if (OffsetsOf(number) is not { } log)
            {
                // Without a leader there is no answer, and each further partition would take as long. The next assignment checks again.
                return;
            }

            if (start > log.End)
            {
                throw new InvalidOperationException(
                    $"partition {number} is to be read on from offset {start}, but its log ends at {log.End}: the topic was made anew or "
                        + "cut since. Its records are those of another topic: delete the offsets that are stored for the old one, or name "
                        + "another topic"
                );
            }

            if (start < log.Start)
            {
                KafkaMetrics.Expired.Add(log.Start - start, KafkaMetrics.Group(Group));
                _errors.Log.Error(
                    "Kafka: {0} records of partition {1} of {2} were deleted before group {3} read them (it is at {4}, the log starts at "
                        + "{5}): the group was away for longer than the retention",
                    log.Start - start,
                    number,
                    Topic,
                    Group,
                    start,
                    log.Start
                );
            }
        }
    }

    private (long Start, long End)? OffsetsOf(int partition)
    {
        try
        {
            return _consumer?.QueryOffsets(partition, OffsetsTimeout);
        }
        catch (KafkaException e)
        {
            _errors.Note(e.Error);
            return null;
        }
    }

    void IRebalanceListener.Revoked(IReadOnlyList<int> partitions)
    {
        KafkaMetrics.Rebalances.Add(1, KafkaMetrics.Group(Group), KafkaMetrics.Event("revoked"));
        Drain(
            partitions.Select(number => _partitions.GetValueOrDefault(number)).OfType<AssignedPartition<TBatch>>(),
            _settings.RevokeDrainTimeout
        );
        foreach (var number in partitions)
        {
            Forget(number, null);
            GiveUpReopening(number);
        }
    }

    void IRebalanceListener.Lost(IReadOnlyList<int> partitions)
    {
        KafkaMetrics.Rebalances.Add(1, KafkaMetrics.Group(Group), KafkaMetrics.Event("lost"));
        foreach (var number in partitions)
        {
            Forget(number, new PartitionLostException(Topic, number));
            GiveUpReopening(number);
        }
    }

    void IRebalanceListener.Error(Error error)
    {
        _errors.Note(error);
        if (error.IsFatal)
        {
            _failure ??= FailureOf(new KafkaException(error));
        }
    }

    void IRebalanceListener.Log(LogMessage message) => _errors.Write(message);

    void IPartitionOwner<TBatch>.StoreOffset(int partition, long nextOffset)
    {
        try
        {
            _consumer?.StoreOffset(partition, nextOffset);
            _stored[partition] = nextOffset;
        }
        catch (KafkaException e) when (e.Error.Code is ErrorCode.Local_State or ErrorCode.Local_UnknownPartition)
        {
            // The partition left while the batch was being finished: its next owner reads the batch again, as after a crash.
            KafkaMetrics.Unfinished.Add(1, KafkaMetrics.Group(Group));
        }
    }

    void IPartitionOwner<TBatch>.Recycle(TBatch batch)
    {
        _batcher.Recycle(batch);
        _wake.Set();
    }

    Task<long?> IPartitionOwner<TBatch>.QueryEndOffset(int partition, TimeSpan timeout) =>
        _consumer is not { } consumer
            ? Task.FromResult<long?>(null)
            : Task.Run<long?>(() =>
            {
                try
                {
                    return consumer.QueryOffsets(partition, timeout).End;
                }
                catch (Exception e) when (e is KafkaException or ObjectDisposedException)
                {
                    return null;
                }
            });

    void IPartitionOwner<TBatch>.ReleaseFailed(int partition, Exception error) =>
        _errors.Log.Warning(
            error,
            "Kafka: partition {0} of {1} leaves group {2} without its last checkpoint; its next owner continues from the previous one",
            partition,
            Topic,
            Group
        );

    void IPartitionOwner<TBatch>.ReaderStopped(AssignedPartition<TBatch> partition)
    {
        if (!_stopping.IsCancellationRequested)
        {
            _abandoned.Enqueue(partition);
            _wake.Set();
        }
    }
}
