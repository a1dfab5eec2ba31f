using System.Globalization;
using System.Text;
using Confluent.Kafka;
using GpuActors.Core.Messaging;
using GpuActors.Kafka.Buffering;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Kafka.Tests;

/// <summary>What a collector's producer does while the brokers are away or refuse records.</summary>
public sealed class BufferedRecordProducerTests : IDeliveryEvents, IAsyncDisposable
{
    private const string Topic = "samples";
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly string _folder = Directory.CreateTempSubdirectory("gpuactors-buffer-").FullName;
    private readonly FakeBroker _broker = new();
    private readonly List<string> _said = [];
    private readonly Lock _gate = new();
    private BufferedRecordProducer _producer = null!;
    private int _delivered;
    private int _failed;

    [Fact]
    public async Task Records_are_delivered_at_once_and_in_order()
    {
        Start();
        Produce(0, 100);
        await Flush();

        Assert.Equal(Enumerable.Range(0, 100), _broker.Numbers);
        Assert.Equal((100, 0), (_delivered, _failed));
        Assert.Empty(Said);
    }

    [Fact]
    public async Task Records_that_come_while_the_brokers_are_away_are_delivered_afterwards_in_order()
    {
        Start();
        _broker.IsAway = true;
        Produce(0, 100);
        _broker.Report(new Error(ErrorCode.Local_AllBrokersDown, "1/1 brokers are down"));
        Assert.False(_producer.IsDelivering);
        Produce(100, 100);

        _broker.IsAway = false;
        await Flush();

        Assert.Equal(Enumerable.Range(0, 200), _broker.Numbers);
        Assert.Equal((200, 0), (_delivered, _failed));
        Assert.Equal(2, Said.Count);
        Assert.StartsWith("failing: 1/1 brokers are down (Local_AllBrokersDown); Check that the brokers at broker:9092 run", Said[0]);
        Assert.StartsWith("recovered", Said[1]);
        Assert.True(_producer.IsDelivering);
    }

    [Fact]
    public async Task Brokers_that_do_not_answer_are_reported_too()
    {
        Start();
        _broker.IsAway = true;
        Produce(0, 1);
        _time.Advance(TimeSpan.FromSeconds(6));

        await Eventually.Until(() => Said.Count == 1);
        Assert.StartsWith("failing: no acknowledgement within 5 s", Said[0]);
        _time.Advance(TimeSpan.FromSeconds(2));
        _broker.IsAway = false;
        await Flush();
        Assert.Equal(2, Said.Count);
    }

    [Fact]
    public async Task An_acknowledgement_from_before_an_outage_does_not_end_it()
    {
        Start();
        _broker.IsAway = true;
        Produce(0, 1);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        _broker.Report(new Error(ErrorCode.Local_AllBrokersDown, "1/1 brokers are down"));
        _broker.IsAway = false;
        await Flush();
        Assert.False(_producer.IsDelivering);
        Assert.Single(Said);

        Produce(1, 1);
        await Flush();
        Assert.True(_producer.IsDelivering);
        Assert.Equal(2, Said.Count);
    }

    [Fact]
    public async Task Records_that_are_in_flight_since_the_beginning_of_an_outage_are_no_other_outage()
    {
        Start();
        _broker.IsAway = true;
        Produce(0, 2);
        _time.Advance(TimeSpan.FromSeconds(6));
        await Eventually.Until(() => Said.Count == 1);
        _time.Advance(TimeSpan.FromSeconds(2));
        _broker.DeliverOne();
        await Eventually.Until(() => Said.Count == 2);

        _time.Advance(TimeSpan.FromSeconds(1));
        _broker.IsAway = false;
        await Flush();
        Assert.Equal(2, Said.Count);
    }

    [Fact]
    public async Task A_refused_topic_is_reported_once_with_the_remedy_and_tried_again_until_it_is_allowed()
    {
        Start();
        _broker.Refuse(Topic, ErrorCode.TopicAuthorizationFailed);
        Produce(0, 50);
        // Another topic is not refused.
        var log = new TaskCompletionSource<string?>();
        _producer.TryProduce(new OutgoingRecord("logs", null, "1000"u8.ToArray()), (_, error, _) => log.SetResult(error), 1L);
        Assert.Null(await log.Task.Completes());
        for (var i = 0; i < 5; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            var attempts = _broker.Attempts;
            await Eventually.Until(() => _broker.Attempts > attempts);
        }

        var said = Assert.Single(Said);
        Assert.Contains("--producer --topic samples", said, StringComparison.Ordinal);

        _broker.Refuse(Topic, ErrorCode.NoError);
        await Eventually.Until(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return _producer.QueuedRecords == 0;
        });
        Assert.Equal(Enumerable.Range(0, 50), _broker.Numbers.Where(number => number < 1000));
        Assert.StartsWith("recovered", Said[1]);
    }

    [Fact]
    public async Task A_record_that_is_refused_for_what_it_is_costs_no_other()
    {
        Start();
        _broker.Refuse("5", ErrorCode.MsgSizeTooLarge);
        Produce(0, 10);
        await Flush();

        Assert.Equal(Enumerable.Range(0, 10).Where(number => number != 5), _broker.Numbers);
        Assert.Equal((9, 1), (_delivered, _failed));
        Assert.Empty(Said);
    }

    [Fact]
    public async Task After_a_fatal_error_a_new_client_gets_the_records()
    {
        Start();
        _broker.IsAway = true;
        Produce(0, 10);
        _broker.Report(new Error(ErrorCode.OutOfOrderSequenceNumber, "fatal", isFatal: true));
        _broker.IsAway = false;

        await Eventually.Until(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return _producer.QueuedRecords == 0;
        });

        Assert.Equal(2, _broker.Clients);
        Assert.Equal(Enumerable.Range(0, 10), _broker.Numbers);
        Assert.Equal((10, 0), (_delivered, _failed));
    }

    [Fact]
    public async Task Beyond_the_memory_the_oldest_samples_are_dropped_and_told()
    {
        Start(new BufferSettings { MemoryBytes = 100 * Bytes });
        await Away();
        Produce(0, 250);

        // The refused one is the oldest.
        Assert.Equal((100, 151), (_producer.BufferedRecords, _producer.DroppedRecords));
        Assert.Equal(151, _failed);
        Assert.Contains(Said, said => said.StartsWith("dropping", StringComparison.Ordinal));
        await Back();
        Assert.Equal(Enumerable.Range(150, 100), _broker.Numbers.Where(number => number < 1000));
        Assert.Contains(Said, said => said.EndsWith("151 dropped", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Beyond_the_time_the_oldest_samples_are_dropped()
    {
        Start(new BufferSettings { Time = TimeSpan.FromMinutes(10) });
        await Away();
        Produce(0, 10);
        _time.Advance(TimeSpan.FromMinutes(6));
        Produce(10, 10);
        _time.Advance(TimeSpan.FromMinutes(5));

        await Eventually.Until(() => _producer.DroppedRecords == 11);
        await Back();
        Assert.Equal(Enumerable.Range(10, 10), _broker.Numbers.Where(number => number < 1000));
    }

    [Fact]
    public async Task Beyond_the_memory_samples_go_to_files_and_keep_their_order_and_headers()
    {
        var padding = new byte[100_000];
        Start(
            new BufferSettings
            {
                MemoryBytes = 1_000_000,
                DiskBytes = 1L << 30,
                Directory = _folder,
            }
        );
        await Away();
        Produce(0, 200, padding);

        Assert.True(_producer.FileBytes > 18_000_000);
        Assert.Equal((201, 0), (_producer.BufferedRecords, _producer.DroppedRecords));
        if (!OperatingSystem.IsWindows())
        {
            // They have no names, so that a crash leaves none.
            Assert.Empty(Directory.GetFiles(_folder));
        }

        await Back();
        Assert.Equal(Enumerable.Range(0, 200), _broker.Numbers.Where(number => number < 1000));
        Assert.Equal(0, _producer.FileBytes);
        var last = _broker.Records.Last();
        Assert.Equal(("format", "proto"), (last.Headers![0].Key, Encoding.ASCII.GetString(last.Headers[0].Value)));
        Assert.Equal((201, 0), (_delivered, _failed));
    }

    [Fact]
    public async Task Beyond_the_disk_the_oldest_samples_are_dropped()
    {
        var padding = new byte[100_000];
        Start(
            new BufferSettings
            {
                MemoryBytes = 10_000_000,
                DiskBytes = 10_000_000,
                Directory = _folder,
            }
        );
        await Away();
        Produce(0, 400, padding);

        Assert.True(_producer.FileBytes <= 10_000_000);
        var kept = (int)_producer.BufferedRecords;
        Assert.InRange(kept, 100, 200);
        Assert.Equal(401 - kept, _producer.DroppedRecords);
        await Back();
        Assert.Equal(Enumerable.Range(400 - kept, kept), _broker.Numbers.Where(number => number < 1000));
        Assert.Equal((kept, 401 - kept), (_delivered, _failed));
    }

    [Fact]
    public async Task Without_a_writable_directory_memory_is_used_and_that_is_told_once()
    {
        var file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "");
        Start(
            new BufferSettings
            {
                MemoryBytes = 100 * Bytes,
                DiskBytes = 1L << 30,
                Directory = file,
            }
        );
        await Away();
        Produce(0, 150);

        Assert.Equal(100, _producer.BufferedRecords);
        Assert.Single(Said, said => said.StartsWith("disk", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Records_with_a_state_are_never_dropped()
    {
        Start(new BufferSettings { MemoryBytes = 100 * Bytes, Time = TimeSpan.FromMinutes(1) });
        await Away();
        Produce(1000, 200, state: true);
        Produce(0, 300);
        _time.Advance(TimeSpan.FromHours(2));
        await Eventually.Until(() => _producer.DroppedRecords == 301);

        await Back();
        Assert.Equal(Enumerable.Range(1000, 200), _broker.Numbers.Where(number => number is >= 1000 and < 5000));
    }

    [Fact]
    public async Task What_is_not_delivered_before_the_end_fails()
    {
        Start();
        _broker.IsAway = true;
        Produce(0, 10);
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _producer.FlushAsync(limit.Token));

        await _producer.DisposeAsync();

        Assert.Equal((0, 10), (_delivered, _failed));
        Assert.Throws<ObjectDisposedException>(() => _producer.TryProduce(new OutgoingRecord(Topic, null, [])));
    }

    public async ValueTask DisposeAsync()
    {
        await _producer.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    void IDeliveryEvents.Failing(string fault, string remedy) => Say($"failing: {fault}; {remedy}");

    void IDeliveryEvents.Dropping(long buffered) => Say("dropping");

    void IDeliveryEvents.Recovered(TimeSpan outage, long buffered, long dropped) => Say($"recovered, {dropped} dropped");

    void IDeliveryEvents.DiskFailed(string directory, string fault) => Say($"disk: {fault}");

    private static int Bytes =>
        new BufferedRecord
        {
            Record = Record(0, []),
            Handler = null,
            Since = 0,
        }.Bytes;

    private List<string> Said
    {
        get
        {
            lock (_gate)
            {
                return [.. _said];
            }
        }
    }

    private void Say(string text)
    {
        lock (_gate)
        {
            _said.Add(text);
        }
    }

    private void Start(BufferSettings? settings = null) =>
        _producer = new BufferedRecordProducer(_broker.Connect, "broker:9092", settings ?? new BufferSettings(), _time, this);

    // After one record that is refused all others wait in the buffer.
    private async Task Away()
    {
        _broker.Refuse(Topic, ErrorCode.NotLeaderForPartition);
        Produce(9999, 1);
        await Eventually.Until(() => _producer.BufferedRecords == 1);
    }

    private async Task Back()
    {
        _broker.Refuse(Topic, ErrorCode.NoError);
        await Eventually.Until(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return _producer.QueuedRecords == 0;
        });
    }

    private Task Flush() => _producer.FlushAsync(CancellationToken.None).Completes();

    private void Produce(int first, int count, byte[]? padding = null, bool state = false)
    {
        for (var i = first; i < first + count; i++)
        {
            Assert.True(_producer.TryProduce(Record(i, padding ?? []), Told, state ? 1L : null));
        }
    }

    private void Told(object? state, string? error, long offset) => Interlocked.Increment(ref error is null ? ref _delivered : ref _failed);

    private static OutgoingRecord Record(int number, byte[] padding) =>
        new(
            Topic,
            Encoding.ASCII.GetBytes("GPU-1"),
            [.. Encoding.ASCII.GetBytes($"{number:0000} "), .. padding],
            [new("format", Encoding.ASCII.GetBytes("proto"))]
        );

    /// <summary>Answers on a thread of its own, in order, as the Kafka client does.</summary>
    private sealed class FakeBroker
    {
        private readonly Lock _gate = new();
        private readonly List<OutgoingRecord> _records = [];
        private readonly Dictionary<string, ErrorCode> _refused = new(StringComparer.Ordinal);
        private Action<Error> _onError = _ => { };
        private int _deadClients;
        private int _attempts;

        public volatile bool IsAway;

        private int _single;

        /// <summary>Answers one record although the broker is away.</summary>
        public void DeliverOne() => Interlocked.Increment(ref _single);

        private bool Answers() => !IsAway || Interlocked.CompareExchange(ref _single, 0, 1) == 1;

        public int Clients { get; private set; }

        public int Attempts => Volatile.Read(ref _attempts);

        public List<OutgoingRecord> Records
        {
            get
            {
                lock (_gate)
                {
                    return [.. _records];
                }
            }
        }

        public IEnumerable<int> Numbers => Records.Select(Number);

        /// <summary>Answers with an error to the records of a topic, or to one record.</summary>
        public void Refuse(string what, ErrorCode code)
        {
            lock (_gate)
            {
                _refused[what] = code;
            }
        }

        public void Report(Error error)
        {
            if (error.IsFatal)
            {
                Interlocked.Increment(ref _deadClients);
            }

            _onError(error);
        }

        public IDeliveryClient Connect(Action<Error> onError)
        {
            Clients++;
            _onError = onError;
            return new Client(this, Clients);
        }

        private static int Number(OutgoingRecord record) =>
            int.Parse(Encoding.ASCII.GetString(record.Value.AsSpan(0, 4)), CultureInfo.InvariantCulture);

        private Error Answer(OutgoingRecord record)
        {
            lock (_gate)
            {
                _attempts++;
                var number = Number(record).ToString(CultureInfo.InvariantCulture);
                var code = _refused.GetValueOrDefault(record.Topic, ErrorCode.NoError);
                code = code == ErrorCode.NoError ? _refused.GetValueOrDefault(number, ErrorCode.NoError) : code;
                if (code == ErrorCode.NoError)
                {
                    _records.Add(record);
                }

                return new Error(code, code.ToString());
            }
        }

        private sealed class Client : IDeliveryClient
        {
            private readonly FakeBroker _broker;
            private readonly Queue<(OutgoingRecord Record, Action<object?, Error> Told, object? State)> _queue = new();
            private readonly CancellationTokenSource _stop = new();
            private readonly Task _answering;
            private readonly int _number;

            public Client(FakeBroker broker, int number)
            {
                _broker = broker;
                _number = number;
                _answering = Task.Run(AnswerAsync);
            }

            public bool TryProduce(in OutgoingRecord record, Action<object?, Error> onDelivered, object? state)
            {
                lock (_queue)
                {
                    _queue.Enqueue((record, onDelivered, state));
                }

                return true;
            }

            public void Abandon() => _stop.Cancel();

            public async ValueTask DisposeAsync()
            {
                await _stop.CancelAsync();
                await _answering;
                _stop.Dispose();
            }

            private async Task AnswerAsync()
            {
                while (!_stop.IsCancellationRequested)
                {
                    (OutgoingRecord Record, Action<object?, Error> Told, object? State) next = default;
                    lock (_queue)
                    {
                        if (_number > Volatile.Read(ref _broker._deadClients) && _queue.Count > 0 && _broker.Answers())
                        {
                            next = _queue.Dequeue();
                        }
                    }

                    if (next.Told is null)
                    {
                        await Task.Delay(1);
                        continue;
                    }

                    next.Told(next.State, _broker.Answer(next.Record));
                }
            }
        }
    }
}
