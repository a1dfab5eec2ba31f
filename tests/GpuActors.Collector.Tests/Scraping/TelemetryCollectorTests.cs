using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using GpuActors.Collector.Common;
using GpuActors.Core.Codecs.Protobuf;
using GpuActors.Core.Logs;
using GpuActors.Core.Messaging;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace GpuActors.Collector.Tests.Scraping;

public sealed class TelemetryCollectorTests
{
    private const string SampleTopic = "samples";
    private const string LogTopic = "logs";

    private static readonly CollectorSettings Fast = new()
    {
        Interval = TimeSpan.FromMilliseconds(100),
        Jitter = TimeSpan.Zero,
        Timeout = TimeSpan.FromSeconds(5),
    };

    private const string Page =
        "DCGM_FI_DEV_GPU_TEMP{gpu=\"0\",UUID=\"GPU-1\",modelName=\"NVIDIA H100\",Hostname=\"n1\"} 61\n"
        + "DCGM_FI_DEV_GPU_TEMP{gpu=\"1\",UUID=\"GPU-2\",modelName=\"NVIDIA H100\",Hostname=\"n1\"} 62\n";

    [Fact]
    public async Task Every_gpu_of_a_page_is_one_record_under_its_own_key()
    {
        await using var web = await Web.Start(context => context.Response.WriteAsync(Page));
        await using var producer = new FakeProducer(stopAfter: 2);

        var counters = await Run(producer, web.Url);

        Assert.Equal(["GPU-1", "GPU-2"], producer.Records.Take(2).Select(r => Encoding.UTF8.GetString(r.Key!)));
        var sample = JsonDocument.Parse(producer.Records.First().Value).RootElement;
        Assert.Equal("GPU-1", sample.GetProperty("gpu").GetString());
        Assert.Equal(61, sample.GetProperty("m").GetProperty("gpu_temp").GetDouble());
        Assert.Equal(producer.Records.Count, counters.Delivered);
    }

    [Fact]
    public async Task Records_contain_workloads_and_mig_instances()
    {
        const string Mig =
            "DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-1\",GPU_I_PROFILE=\"1g.10gb\",GPU_I_ID=\"3\",pod=\"train-0\"} 61\n"
            + "DCGM_FI_PROF_SM_ACTIVE{UUID=\"GPU-1\",GPU_I_PROFILE=\"1g.10gb\",GPU_I_ID=\"3\",pod=\"train-0\"} 0.500000\n";
        await using var web = await Web.Start(context => context.Response.WriteAsync(Mig));
        await using var producer = new FakeProducer(stopAfter: 1);

        await Run(producer, web.Url);

        var sample = JsonDocument.Parse(producer.Records.First().Value).RootElement;
        Assert.Equal("train-0", sample.GetProperty("pod").GetString());
        Assert.False(sample.GetProperty("m").TryGetProperty("sm_active", out _));
        Assert.Equal(0.5, sample.GetProperty("mig")[0].GetProperty("m").GetProperty("sm_active").GetDouble());
    }

    [Theory]
    [InlineData(HostFallback.Target, "127.0.0.1")]
    [InlineData(HostFallback.Machine, null)]
    [InlineData(HostFallback.None, "")]
    public async Task Without_a_host_on_the_page_the_setting_decides(HostFallback setting, string? host)
    {
        await using var web = await Web.Start(context => context.Response.WriteAsync("DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-1\"} 61\n"));
        await using var producer = new FakeProducer(stopAfter: 1);

        await Run(producer, Fast with { HostFallback = setting }, web.Url);

        var sample = JsonDocument.Parse(producer.Records.First().Value).RootElement;
        Assert.Equal(host ?? Dns.GetHostName(), sample.TryGetProperty("host", out var found) ? found.GetString() : "");
    }

    [Fact]
    public async Task Protobuf_records_have_the_content_type_in_their_header()
    {
        await using var web = await Web.Start(context => context.Response.WriteAsync(Page));
        await using var producer = new FakeProducer(stopAfter: 2);

        await Run(producer, Fast with { Format = SampleFormat.Protobuf }, web.Url);

        var record = producer.Records.First();
        var (header, value) = Assert.Single(record.Headers!);
        var sample = new GpuSample();
        Assert.Equal("content-type: application/x-protobuf", $"{header}: {Encoding.ASCII.GetString(value)}");
        Assert.Equal(RejectReason.None, new ProtobufSampleReader(new GpuRegistry()).Read(record.Value, sample));
        Assert.Equal("GPU-1", sample.Gpu.Id.Value);
        Assert.Equal(61, sample[Metric.GpuTemp]);
    }

    [Fact]
    public async Task A_dead_exporter_is_reported_once_and_does_not_delay_others()
    {
        await using var web = await Web.Start(context => context.Response.WriteAsync(Page));
        await using var producer = new FakeProducer(stopAfter: 8);

        var counters = await Run(producer, web.Url, "http://127.0.0.1:1/metrics");

        Assert.Single(producer.Logger.Messages, n => n.Contains(":1/metrics", StringComparison.Ordinal));
        Assert.True(counters.FailedScrapes >= 1);
        Assert.True(counters.Scrapes >= 4);
    }

    [Fact]
    public async Task An_exporter_that_answers_with_an_error_is_reported_down_once_per_known_gpu()
    {
        var pages = 0;
        await using var web = await Web.Start(context =>
        {
            context.Response.StatusCode = Interlocked.Increment(ref pages) is > 1 and < 5 ? 503 : 200;
            return context.Response.WriteAsync(Page);
        });
        await using var producer = new FakeProducer(stopAfter: 8);

        await Run(producer, web.Url);

        var logs = producer.Logs.Select(Line).ToList();
        Assert.Equal(
            ["EXPORTER-", "GPU-1", "GPU-2"],
            logs.Select(line => line.Gpu.Value.StartsWith("EXPORTER-", StringComparison.Ordinal) ? "EXPORTER-" : line.Gpu.Value)
        );
        Assert.Equal([KernelLogKind.ExporterUp, KernelLogKind.ExporterDown, KernelLogKind.ExporterDown], logs.Select(line => line.Kind));
        Assert.All(logs, line => Assert.Equal("n1", line.Host));
        Assert.Equal("HTTP 503 ServiceUnavailable", logs[1].Message);
    }

    private static KernelLogEvent Line(OutgoingRecord record)
    {
        Assert.Equal(RejectReason.None, KernelLogCodec.Read(record.Value, out var line, out _));
        return line!;
    }

    [Fact]
    public async Task A_truncated_page_yields_its_complete_rows_and_one_error()
    {
        using var exporter = new TruncatingExporter(Page + "DCGM_FI_DEV_GPU_TE");
        await using var producer = new FakeProducer(stopAfter: 2);

        var counters = await Run(producer, exporter.Url);

        Assert.True(counters.PageErrors >= 1);
        Assert.Equal(counters.Scrapes, counters.PageErrors);
        Assert.Equal("GPU-2", Encoding.UTF8.GetString(producer.Records.ElementAt(1).Key!));
    }

    [Fact]
    public async Task Missing_required_fields_are_counted_and_reported_once()
    {
        await using var web = await Web.Start(context =>
            context.Response.WriteAsync(Page + "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL{gpu=\"0\",UUID=\"GPU-1\"} 0\n")
        );
        await using var producer = new FakeProducer(stopAfter: 8);

        var counters = await Run(producer, web.Url);

        var lacking = MissingFields.Required.Select((metric, field) => (metric.Name, Gpus: counters.GpusWithout(field))).ToDictionary();
        Assert.Equal((0, 1, 2), (lacking["gpu_temp"], lacking["ecc_dbe_volatile"], lacking["throttle_reasons"]));
        var notice = Assert.Single(producer.Logger.Messages);
        Assert.Contains("throttle_reasons on 2 of 2 GPUs", notice, StringComparison.Ordinal);
        Assert.Contains("ecc_dbe_volatile on 1 of 2 GPUs", notice, StringComparison.Ordinal);
        Assert.Contains("gpuactors doctor --target " + web.Url, notice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_meter_reports_the_number_of_gpus_that_lack_each_field()
    {
        await using var web = await Web.Start(context => context.Response.WriteAsync(Page));
        await using var producer = new FakeProducer(stopAfter: 2);
        using var collector = new TelemetryCollector(
            Fast with
            {
                Targets = [web.Url],
            },
            producer,
            SampleTopic,
            LogTopic,
            TimeProvider.System,
            producer.Logger
        );
        await collector.RunAsync(producer.Enough, CancellationToken.None).Completes();

        var lacking = new ConcurrentDictionary<string, int>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == "gpuactors.collector.missing_fields")
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<int>(
            (_, gpus, tags, _) => lacking.AddOrUpdate((string)tags[0].Value!, gpus, (_, others) => others + gpus)
        );
        listener.Start();
        listener.RecordObservableInstruments();

        // The meter also counts the collectors of tests that run at the same time.
        Assert.True(lacking["ecc_dbe_volatile"] >= 1);
    }

    [Fact]
    public async Task A_full_queue_slows_the_endpoint_down_and_then_drops_and_counts_samples()
    {
        await using var web = await Web.Start(context => context.Response.WriteAsync(Page));
        await using var producer = new FakeProducer(stopAfter: 0, full: true);

        var counters = await Run(producer, web.Url);

        Assert.True(counters.Dropped > 0);
        Assert.Equal(0, counters.Delivered);
    }

    private static Task<CollectorCounters> Run(FakeProducer producer, params string[] targets) => Run(producer, Fast, targets);

    private static async Task<CollectorCounters> Run(FakeProducer producer, CollectorSettings settings, params string[] targets)
    {
        using var collector = new TelemetryCollector(
            settings with
            {
                Targets = targets,
            },
            producer,
            SampleTopic,
            LogTopic,
            TimeProvider.System,
            producer.Logger
        );
        await collector.RunAsync(producer.Enough, CancellationToken.None).Completes();
        return collector.Counters;
    }

    private sealed class FakeProducer : IRecordProducer
    {
        private readonly CancellationTokenSource _enough = new();
        private readonly int _stopAfter;
        private readonly bool _full;

        public FakeProducer(int stopAfter, bool full = false)
        {
            _stopAfter = stopAfter;
            _full = full;
            if (full)
            {
                Logger.Logged += _enough.Cancel;
            }
        }

        public ConcurrentQueue<OutgoingRecord> Records { get; } = new();

        public ConcurrentQueue<OutgoingRecord> Logs { get; } = new();

        public RecordingLogger<TelemetryCollector> Logger { get; } = new();

        public CancellationToken Enough => _enough.Token;

        public int QueuedRecords => 0;

        public bool TryProduce(in OutgoingRecord record, DeliveryHandler? onDelivered = null, object? state = null)
        {
            if (_full)
            {
                return false;
            }

            (record.Topic == LogTopic ? Logs : Records).Enqueue(record);
            onDelivered?.Invoke(state, null, 0);
            // Waits until both targets were scraped.
            if (Records.Count >= _stopAfter)
            {
                _enough.Cancel();
            }

            return true;
        }

        public Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public ValueTask DisposeAsync()
        {
            _enough.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>
    /// Announces twice the number of bytes that it sends, then closes its side of the connection. It does not abort the connection, because
    /// the client's system could then discard the received bytes.
    /// </summary>
    private sealed class TruncatingExporter : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public TruncatingExporter(string body)
        {
            _listener.Start();
            _ = AnswerAsync($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length * 2}\r\n\r\n{body}");
        }

        public string Url => $"http://{_listener.LocalEndpoint}/metrics";

        public void Dispose() => _listener.Dispose();

        private async Task AnswerAsync(string response)
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    using var reader = new StreamReader(client.GetStream(), leaveOpen: true);
                    while (await reader.ReadLineAsync() is { Length: > 0 }) { }

                    await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(response));
                    client.Client.Shutdown(SocketShutdown.Send);
                    _ = await reader.ReadLineAsync();
                }
            }
            catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or OperationCanceledException)
            {
                // The test is over.
            }
        }
    }

    private sealed class Web : IAsyncDisposable
    {
        private readonly WebApplication _app;

        private Web(WebApplication app) => _app = app;

        public string Url => _app.Urls.First() + "/metrics";

        public static async Task<Web> Start(RequestDelegate answer)
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            var app = builder.Build();
            app.Run(answer);
            await app.StartAsync();
            return new Web(app);
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }

    // Answers every request with less than it announces, and closes the connection in order: an abort would make the client drop what it
    // has received and not read yet.
    private sealed class CutWeb : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Task _serving;

        public CutWeb(string page)
        {
            _listener.Start();
            _serving = ServeAsync(
                Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {page.Length * 2}\r\n\r\n{page}")
            );
        }

        public string Url => $"http://{_listener.LocalEndpoint}/metrics";

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _serving;
        }

        private async Task ServeAsync(byte[] answer)
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    using var request = new StreamReader(client.GetStream(), Encoding.ASCII);
                    while (await request.ReadLineAsync() is { Length: > 0 }) { }

                    await client.GetStream().WriteAsync(answer);
                    client.Client.Shutdown(SocketShutdown.Send);
                    // The client closes once it has seen the end.
                    _ = await request.ReadToEndAsync();
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The listener has stopped.
            }
        }
    }
}
