using Confluent.Kafka;
using GpuActors.Core.Messaging;
using GpuActors.Kafka.Settings;

namespace GpuActors.Kafka.Buffering;

/// <summary>
/// A producer for collectors: while the brokers are away or refuse records, it keeps them, in memory and then on disk, up to the bounds of
/// <see cref="BufferSettings"/>. Then the oldest are dropped; their handlers get an error. Records are tried again until they are
/// delivered, dropped or refused for what they are (too large), and those with one key keep their order. It reports once when delivery
/// begins to fail and once when it works again.
/// <list type="bullet">
/// <item>Records with a state object are kept in memory until they are delivered, and never dropped: the caller bounds their number.</item>
/// <item>Records that the Kafka client already has, at most 16 MiB, do not count towards the bounds and are not dropped.</item>
/// </list>
/// </summary>
public sealed class BufferedRecordProducer : IRecordProducer
{
    private const string DroppedText = "dropped: the brokers did not take it in time";
    private const long MaxInFlightBytes = 16 * 1024 * 1024;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

    // A leader election takes about as long, and the client repeats the request by itself.
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(5);

    // Acknowledgements that came before an outage began may be told after it.
    private static readonly TimeSpan LateAcknowledgement = TimeSpan.FromSeconds(1);

    private readonly BufferSettings _settings;
    private readonly Func<Action<Error>, IDeliveryClient> _connect;
    private readonly string _brokers;
    private readonly TimeProvider _time;
    private readonly IDeliveryEvents _events;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lane _kept = new();
    private readonly Lane _samples = new();
    private readonly SortedDictionary<long, BufferedRecord> _inFlight = [];
    private readonly Action<object?, Error> _onDelivered;
    private readonly Task _pumping;
    private RecordFiles? _files;
    private IDeliveryClient _client;
    private int _generation;
    private bool _isBroken;
    private long _numbers;
    private long _inFlightBytes;
    private long? _failingSince;
    private long _recoveredAt;
    private string _failingTopic = "";
    private bool _isDroppingTold;
    private long _droppedBefore;
    private bool _disposed;

    /// <summary>Connects in the background.</summary>
    /// <param name="client">The connection to the brokers.</param>
    /// <param name="producer">Queue, batching and timeouts; its message timeout is not used.</param>
    /// <param name="settings">The bounds.</param>
    /// <param name="time">The clock.</param>
    /// <param name="events">Gets what a person should know.</param>
    public BufferedRecordProducer(
        KafkaClientSettings client,
        KafkaProducerSettings producer,
        BufferSettings settings,
        TimeProvider time,
        IDeliveryEvents events
    )
        : this(
            onError => new KafkaRecordProducer(client, producer with { MessageTimeout = TimeSpan.Zero }) { OnClientError = onError },
            client.BootstrapServers,
            settings,
            time,
            events
        ) { }

    internal BufferedRecordProducer(
        Func<Action<Error>, IDeliveryClient> connect,
        string brokers,
        BufferSettings settings,
        TimeProvider time,
        IDeliveryEvents events
    )
    {
        (_connect, _brokers, _settings, _time, _events) = (connect, brokers, settings, time, events);
        _files = settings is { DiskBytes: > 0, Directory.Length: > 0 } ? new RecordFiles(settings.Directory) : null;
        _onDelivered = OnDelivered;
        _client = connect(OnError);
        _pumping = PumpAsync();
        KafkaMetrics.Buffers.TryAdd(this, 0);
    }

    /// <summary>Whether the brokers take records, as far as is known.</summary>
    public bool IsDelivering
    {
        get
        {
            lock (_gate)
            {
                return _failingSince is null;
            }
        }
    }

    /// <summary>Records that were dropped because the buffer was full.</summary>
    public long DroppedRecords { get; private set; }

    /// <summary>Records in the buffer, without those that the Kafka client has.</summary>
    public long BufferedRecords
    {
        get
        {
            lock (_gate)
            {
                return Buffered;
            }
        }
    }

    /// <summary>Bytes of the buffer's files.</summary>
    public long FileBytes
    {
        get
        {
            lock (_gate)
            {
                return _files?.Bytes ?? 0;
            }
        }
    }

    /// <inheritdoc/>
    public int QueuedRecords
    {
        get
        {
            lock (_gate)
            {
                return (int)Math.Min(int.MaxValue, _inFlight.Count + Buffered);
            }
        }
    }

    private long Buffered => _kept.Count + _samples.Count + (_files?.Count ?? 0);

    /// <summary>Adds a record. The buffer always takes it.</summary>
    /// <returns>True.</returns>
    /// <exception cref="ObjectDisposedException">The producer was disposed.</exception>
    public bool TryProduce(in OutgoingRecord record, DeliveryHandler? onDelivered = null, object? state = null)
    {
        var added = new BufferedRecord
        {
            Record = record,
            Handler = onDelivered,
            State = state,
            Since = _time.GetTimestamp(),
        };
        List<BufferedRecord> dropped = [];
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var lane = LaneOf(added);
            var isDirect = lane.Count == 0 && (!ReferenceEquals(lane, _samples) || _files is not { Count: > 0 });
            if (!isDirect || !MaySend(lane) || !Send(added))
            {
                Keep(lane, added, dropped);
            }
        }

        Tell(dropped, DroppedText);
        return true;
    }

    /// <inheritdoc/>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        while (QueuedRecords > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Closes the connection and removes the files. What is not delivered is given up at once: call <see cref="FlushAsync"/> before.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        KafkaMetrics.Buffers.TryRemove(this, out _);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _pumping.ConfigureAwait(false);
        List<BufferedRecord> left;
        lock (_gate)
        {
            left = [.. _inFlight.Values, .. _kept.TakeAll(), .. _samples.TakeAll()];
            _inFlight.Clear();
            while (_files is { Count: > 0 })
            {
                left.AddRange(_files.TakeFile());
            }

            _files?.Dispose();
        }

        if (left.Count > 0)
        {
            KafkaMetrics.Undelivered.Add(left.Count, KafkaMetrics.Group("buffer"));
            Tell(left, "not delivered before the end");
            _client.Abandon();
        }
        else
        {
            await _client.DisposeAsync().ConfigureAwait(false);
        }

        _stop.Dispose();
    }

    private async Task PumpAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            List<BufferedRecord> dropped = [];
            IDeliveryClient? broken;
            lock (_gate)
            {
                broken = TakeBack();
                DropOld(dropped);
                Send(_kept);
                Send(_samples);
                NoteSilence();
            }

            Tell(dropped, DroppedText);
            broken?.Abandon();
            await Task.Delay(_inFlight.Count > 0 && BufferedRecords > 0 ? Tick / 20 : Tick, _time, _stop.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Lane LaneOf(BufferedRecord record) => record.State is null ? _samples : _kept;

    // A lane that was refused probes with one record at a time.
    private bool MaySend(Lane lane) =>
        !_isBroken
        && _inFlightBytes < MaxInFlightBytes
        && (lane.Hold == TimeSpan.Zero || (_time.GetElapsedTime(lane.HeldAt) >= lane.Hold && lane.InFlight == 0));

    private void Send(Lane lane)
    {
        while (MaySend(lane))
        {
            if (lane.Count == 0 && (!ReferenceEquals(lane, _samples) || !ReadFile()))
            {
                return;
            }

            var record = lane.Take();
            if (!Send(record))
            {
                lane.PutBack(record);
                return;
            }
        }
    }

    private bool Send(BufferedRecord record)
    {
        record.Number = record.Number == 0 ? ++_numbers : record.Number;
        record.SentAt = _time.GetTimestamp();
        record.Generation = _generation;
        _inFlight[record.Number] = record;
        _inFlightBytes += record.Bytes;
        LaneOf(record).InFlight++;
        var outgoing = record.Record;
        if (_client.TryProduce(in outgoing, _onDelivered, record))
        {
            return true;
        }

        Landed(record);
        return false;
    }

    private bool Landed(BufferedRecord record)
    {
        if (record.Generation != _generation || !_inFlight.Remove(record.Number))
        {
            return false;
        }

        _inFlightBytes -= record.Bytes;
        LaneOf(record).InFlight--;
        return true;
    }

    private void OnDelivered(object? state, Error error)
    {
        var record = (BufferedRecord)state!;
        lock (_gate)
        {
            // Of an earlier client, or after the end.
            if (!Landed(record))
            {
                return;
            }

            var lane = LaneOf(record);
            if (!error.IsError || DeliveryFaults.IsOfRecord(error))
            {
                lane.Release();
                Recover(record);
            }
            else
            {
                lane.PutBack(record);
                // One refusal of many that were in flight.
                if (lane.Hold == TimeSpan.Zero || lane.InFlight == 0)
                {
                    lane.HoldLonger(_time.GetTimestamp());
                }

                Fail(error, record.Record.Topic);
                return;
            }
        }

        record.Handler?.Invoke(record.State, error.IsError ? error.Text() : null, DeliveryOffset.None);
    }

    private void OnError(Error error)
    {
        lock (_gate)
        {
            _isBroken |= error.IsFatal;
            if (DeliveryFaults.IsOfConnection(error))
            {
                Fail(error, "");
            }
        }
    }

    // After a fatal error a client delivers nothing any more: its records go to a new one.
    private IDeliveryClient? TakeBack()
    {
        if (!_isBroken || (_kept.Hold > TimeSpan.Zero && _time.GetElapsedTime(_kept.HeldAt) < _kept.Hold))
        {
            return null;
        }

        var broken = _client;
        foreach (var record in _inFlight.Values.ToList())
        {
            Landed(record);
            LaneOf(record).PutBack(record);
        }

        _generation++;
        _isBroken = false;
        foreach (var lane in new[] { _kept, _samples })
        {
            lane.HoldLonger(_time.GetTimestamp());
        }

        _client = _connect(OnError);
        return broken;
    }

    private void NoteSilence()
    {
        if (_inFlight.Count == 0 || _failingSince is not null)
        {
            return;
        }

        // After an outage the records of its beginning are still in flight.
        var oldest = Math.Max(_inFlight.Values.First().SentAt, _recoveredAt);
        if (_time.GetElapsedTime(oldest) >= SilenceLimit)
        {
            Fail(new Error(ErrorCode.Local_TimedOut, $"no acknowledgement within {SilenceLimit.TotalSeconds:0} s"), "");
        }
    }

    private void Fail(Error error, string topic)
    {
        if (_failingSince is not null)
        {
            return;
        }

        (_failingSince, _failingTopic, _droppedBefore) = (_time.GetTimestamp(), topic, DroppedRecords);
        _events.Failing(error.Text(), DeliveryFaults.Remedy(error, topic, _brokers));
    }

    private void Recover(BufferedRecord record)
    {
        if (
            _failingSince is not { } since
            || (_failingTopic.Length > 0 && _failingTopic != record.Record.Topic)
            || (record.SentAt < since && _time.GetElapsedTime(since) < LateAcknowledgement)
        )
        {
            return;
        }

        (_failingSince, _recoveredAt) = (null, _time.GetTimestamp());
        _isDroppingTold = false;
        _events.Recovered(_time.GetElapsedTime(since), Buffered, DroppedRecords - _droppedBefore);
    }

    private void Keep(Lane lane, BufferedRecord record, List<BufferedRecord> dropped)
    {
        if (ReferenceEquals(lane, _kept))
        {
            lane.Add(record);
            return;
        }

        if (_files is not { Count: > 0 } && lane.Bytes + record.Bytes <= _settings.MemoryBytes)
        {
            lane.Add(record);
            return;
        }

        if (_files is not null && TryWrite(record, dropped))
        {
            return;
        }

        while (lane.Bytes + record.Bytes > _settings.MemoryBytes && lane.Count > 0)
        {
            Drop(lane.Take(), dropped);
        }

        lane.Add(record);
    }

    private bool TryWrite(BufferedRecord record, List<BufferedRecord> dropped)
    {
        try
        {
            while (_files!.Bytes + record.Bytes > _settings.DiskBytes || !_files.TryAdd(record))
            {
                if (_files.Count == 0)
                {
                    return false;
                }

                // The oldest records are in memory: they make room for the oldest file.
                for (var freed = 0L; _samples.Count > 0 && freed < RecordFiles.FileBytes; )
                {
                    freed += _samples.PeekBytes();
                    Drop(_samples.Take(), dropped);
                }

                if (!ReadFile())
                {
                    return false;
                }
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What can still be read goes into memory.
            while (ReadFile()) { }

            GiveUpFiles(e);
            return false;
        }
    }

    private bool ReadFile()
    {
        if (_files is not { Count: > 0 })
        {
            return false;
        }

        try
        {
            foreach (var record in _files.TakeFile())
            {
                _samples.Add(record);
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            GiveUpFiles(e);
            return false;
        }
    }

    private void GiveUpFiles(Exception e)
    {
        if (_files is null)
        {
            return;
        }

        DroppedRecords += _files.Count;
        _files.Dispose();
        _files = null;
        _events.DiskFailed(_settings.Directory, e.Message);
    }

    private void DropOld(List<BufferedRecord> dropped)
    {
        do
        {
            while (_samples.Count > 0 && _time.GetElapsedTime(_samples.PeekSince()) > _settings.Time)
            {
                Drop(_samples.Take(), dropped);
            }

            // Records in files are younger than those in memory.
        } while ((_samples.Count == 0 || _samples.Bytes + RecordFiles.FileBytes <= _settings.MemoryBytes) && ReadFile());
    }

    private void Drop(BufferedRecord record, List<BufferedRecord> dropped)
    {
        dropped.Add(record);
        DroppedRecords++;
        if (!_isDroppingTold)
        {
            _isDroppingTold = true;
            _events.Dropping(Buffered);
        }
    }

    private static void Tell(List<BufferedRecord> records, string error)
    {
        foreach (var record in records)
        {
            record.Handler?.Invoke(record.State, error, DeliveryOffset.None);
        }
    }
}
