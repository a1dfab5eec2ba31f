using System.Collections.Concurrent;
using Akka.Event;
using Confluent.Kafka;

namespace GpuActors.Kafka.Consuming;

// A partition whose reader has failed is closed and assigned anew after a pause, while the others are read on.
internal sealed partial class ConsumerLoop<TBatch>
{
    private const int MinReopenMs = 200;
    private const int MaxReopenMs = 10_000;

    private readonly ConcurrentQueue<AssignedPartition<TBatch>> _abandoned = new();

    // Offsets that were stored since the assignment: the client library would only say what it has committed.
    private readonly ConcurrentDictionary<int, long> _stored = new();

    // The first offset that was read since the assignment.
    private readonly Dictionary<int, long> _firsts = [];
    private readonly Dictionary<int, (long DueMs, int Failures)> _closed = [];
    private readonly Dictionary<int, int> _failures = [];

    private void Reopen()
    {
        while (_abandoned.TryDequeue(out var partition))
        {
            if (_partitions.TryGetValue(partition.Partition, out var current) && ReferenceEquals(current, partition))
            {
                Close(partition);
            }
        }

        if (_closed.Count > 0)
        {
            var now = Environment.TickCount64;
            foreach (var number in _closed.Where(closed => closed.Value.DueMs <= now).Select(closed => closed.Key).ToList())
            {
                Open(number);
            }
        }
    }

    private void Close(AssignedPartition<TBatch> partition)
    {
        var number = partition.Partition;
        Forget(number, null);
        _consumer!.Pause(number);
        CloseFor(number, partition.HasProgressed ? 0 : _failures.GetValueOrDefault(number));
    }

    private void CloseFor(int number, int failures)
    {
        _failures[number] = failures + 1;
        _closed[number] = (Environment.TickCount64 + Math.Min(MaxReopenMs, MinReopenMs << Math.Min(failures, 10)), failures + 1);
    }

    private void Open(int number)
    {
        var failures = _closed[number].Failures;
        _closed.Remove(number);
        try
        {
            if (
                Starts([number]).TryGetValue(number, out var start)
                || _stored.TryGetValue(number, out start)
                || _firsts.TryGetValue(number, out start)
            )
            {
                _consumer!.Seek(number, start);
            }

            _consumer!.Resume(number);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        catch (Exception e)
        {
            if (e is KafkaException kafka)
            {
                _errors.Note(kafka.Error);
            }
            else
            {
                _errors.Log.Warning("Kafka: partition {0} of {1} is not read yet: {2}", number, Topic, e.Message);
            }

            CloseFor(number, failures);
            return;
        }

        var partition = new AssignedPartition<TBatch>(number, _settings.MaxBatchesInFlight, _settings.ManualCommit, this);
        _partitions[number] = partition;
        _assigned(partition);
    }

    // The client library remembers a pause over a reassignment, and would never read the partition again.
    private void GiveUpReopening(int number)
    {
        _failures.Remove(number);
        if (!_closed.Remove(number))
        {
            return;
        }

        try
        {
            _consumer?.Resume(number);
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
}
