using System.Buffers;
using GpuActors.Core.Codecs;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;
using GpuActors.Kafka;
using GpuActors.Kafka.Settings;
using GpuActors.Testing;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>
/// The load: one sample per GPU and second, spread evenly over the second. The test process produces them itself, so that it knows which
/// samples the broker acknowledged. During an outage of the broker the queue grows.
/// </summary>
internal sealed class FleetLoad : IAsyncDisposable
{
    public const string Topic = "gpu-metrics-raw";
    private const double TickMs = 1000;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);

    // More than the five samples of the last fault, its clear delay of ten seconds, and the sample at which the alert resolves.
    private static readonly TimeSpan LastFault = TimeSpan.FromSeconds(17);

    private readonly KafkaRecordProducer _producer;
    private readonly FleetGpu[] _gpus;
    private readonly FaultPlan _plan;
    private readonly CancellationTokenSource _stop = new();
    private readonly long _startMs;
    private readonly Task _running;
    private long _produced;
    private long _acknowledged;
    private long _undelivered;
    private long _latestMs;
    private string? _error;

    private FleetLoad(string bootstrap, FleetGpu[] gpus, FaultPlan plan)
    {
        _producer = new KafkaRecordProducer(
            new KafkaClientSettings { BootstrapServers = bootstrap, ClientId = "chaos-fleet" },
            new KafkaProducerSettings
            {
                Linger = TimeSpan.FromMilliseconds(5),
                MaxQueuedRecords = 2_000_000,
                MaxQueuedKbytes = 2_000_000,
                MessageTimeout = TimeSpan.FromMinutes(15),
                CloseTimeout = TimeSpan.FromMinutes(2),
            }
        );
        _gpus = gpus;
        _plan = plan;
        _startMs = Clock.NowMs;
        _running = Task.Run(RunAsync);
    }

    /// <summary>Number of samples acknowledged by all in-sync replicas.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>Number of samples that the broker did not accept. A run with such samples is not valid.</summary>
    public long Undelivered => Interlocked.Read(ref _undelivered);

    /// <summary>The error of the first sample that the broker did not accept.</summary>
    public string? Error => Volatile.Read(ref _error);

    /// <summary>Number of samples produced so far.</summary>
    public long Produced => Interlocked.Read(ref _produced);

    /// <summary>
    /// The maximum delay of the load itself, in milliseconds. With more than one or two seconds it can cause alerts on absent GPUs.
    /// </summary>
    public long LatestMs => Interlocked.Read(ref _latestMs);

    /// <summary>Time of the newest sample, in Unix milliseconds. GPUs are expected to be absent after it.</summary>
    public long NewestMs => _startMs + (long)SampleTime(Math.Max(0, Produced - 1));

    public int Gpus => _gpus.Length;

    public Fault[] Faults => _plan.Faults;

    /// <summary>Starts producing samples and, after three seconds, faults.</summary>
    public static FleetLoad Start(string bootstrap, int gpus, int partitions, double faultsPerSecond)
    {
        var registry = new GpuRegistry();
        var fleet = Enumerable.Range(0, gpus).Select(n => new FleetGpu(n, registry, partitions)).ToArray();
        return new FleetLoad(bootstrap, fleet, new FaultPlan(fleet, faultsPerSecond, warmUpMs: 3_000));
    }

    /// <summary>
    /// Completes the faults in progress, including the samples that resolve their alerts, then stops and waits until every sample is either
    /// acknowledged or failed.
    /// </summary>
    public async Task StopAsync()
    {
        _plan.Stop();
        var last = _plan.Faults is [.., var fault] ? fault.FirstMs - _startMs : 0;
        var end = last + LastFault.TotalMilliseconds;
        await Eventually.Get(() => Task.FromResult(SampleTime(Produced)), t => t >= end, t => $"the load has come to {t} ms of {end} ms");
        await HaltAsync();
        using var limit = new CancellationTokenSource(Eventually.Limit);
        await _producer.FlushAsync(limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await HaltAsync();
        // Discard queued samples: if the broker is gone, waiting for them would delay the end of the test.
        await Task.WhenAny(_producer.DisposeAsync().AsTask(), Task.Delay(TimeSpan.FromSeconds(5)));
        _stop.Dispose();
    }

    private async Task HaltAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Step);
        var sample = new GpuSample();
        var buffer = new ArrayBufferWriter<byte>(2048);
        var number = 0L;
        while (!_stop.IsCancellationRequested)
        {
            var elapsed = Clock.NowMs - _startMs;
            _plan.Advance(elapsed);
            Interlocked.Exchange(ref _latestMs, Math.Max(LatestMs, elapsed - (long)SampleTime(number)));
            for (; SampleTime(number) <= elapsed && !_stop.IsCancellationRequested; number++)
            {
                await SendAsync(number, sample, buffer);
                Interlocked.Exchange(ref _produced, number + 1);
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    // The time of the n-th sample, since the start of the load.
    private double SampleTime(long number) => Math.Floor(number * TickMs / _gpus.Length);

    private async Task SendAsync(long number, GpuSample sample, ArrayBufferWriter<byte> buffer)
    {
        var gpu = (int)(number % _gpus.Length);
        var timeMs = _startMs + (long)SampleTime(number);
        _gpus[gpu].Fill(sample, number / _gpus.Length, timeMs, _plan.Brakes(gpu, timeMs));
        buffer.ResetWrittenCount();
        SampleEncoder.Write(buffer, sample);
        var record = new OutgoingRecord(Topic, _gpus[gpu].Key, buffer.WrittenSpan.ToArray());
        while (!_producer.TryProduce(record, Delivered))
        {
            await Task.Delay(Step);
        }
    }

    private void Delivered(object? state, string? error, long offset)
    {
        if (error is null)
        {
            Interlocked.Increment(ref _acknowledged);
            return;
        }

        Interlocked.Increment(ref _undelivered);
        Interlocked.CompareExchange(ref _error, error, null);
    }
}
