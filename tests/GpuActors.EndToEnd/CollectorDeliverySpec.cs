using System.Net;
using System.Text.RegularExpressions;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.EndToEnd;

/// <summary>A collector whose broker refuses its records or is away, as processes against a real broker.</summary>
public sealed partial class CollectorDeliverySpec : IDisposable
{
    private const string Page = "DCGM_FI_DEV_GPU_TEMP{gpu=\"0\",UUID=\"GPU-1\",Hostname=\"n1\"} 61\n";
    private readonly string _folder = Directory.CreateTempSubdirectory("gpuactors-delivery-").FullName;
    private readonly HttpListener _exporter = new();
    private readonly int _port = FreePorts.Take(1)[0];
    private readonly HttpClient _http = new();

    public CollectorDeliverySpec()
    {
        _exporter.Prefixes.Add($"http://127.0.0.1:{_port}/");
        _exporter.Start();
        _ = ServeAsync();
    }

    public void Dispose()
    {
        ((IDisposable)_exporter).Dispose();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [SkippableFact]
    public async Task A_broker_that_is_away_is_reported_and_costs_no_sample()
    {
        Skip.IfNot(KafkaServer.Missing is null, KafkaServer.Missing);
        await using var kafka = await KafkaServer.StartAsync(1);
        await using var collector = Start(kafka);
        var endpoint = await Endpoint(collector);
        await Eventually.Until(async () => await Delivered(endpoint) > 0);

        await kafka.KillAsync(1);
        await Eventually.Until(() => collector.Errors.Contains("Kafka does not take", StringComparison.Ordinal));
        Assert.Contains($"Check that the brokers at {kafka.BootstrapServers} run", collector.Errors, StringComparison.Ordinal);
        using (var health = await _http.GetAsync(new Uri(endpoint, "/health")))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        }

        var before = await Delivered(endpoint);
        await Eventually.Until(async () => await Value(endpoint, "gpuactors_kafka_buffer_delivering") == 0);
        await kafka.RestartAsync(1);
        await Eventually.Until(() => collector.Errors.Contains("takes the collector's records again", StringComparison.Ordinal));
        await Eventually.Until(async () => await Delivered(endpoint) > before);
        await collector.Interrupt();

        Assert.Equal(0, await collector.Exited());
        var (samples, scrapes) = Counts().Match(collector.Output) is { Success: true } match
            ? (int.Parse(match.Groups[1].Value), int.Parse(match.Groups[2].Value))
            : default;
        Assert.True(samples > 0);
        Assert.Equal(scrapes, samples);
        Assert.Single(Regex.Matches(collector.Errors, "Kafka does not take"));
    }

    [SkippableFact]
    public async Task A_topic_that_the_user_may_not_write_to_is_reported_at_once_and_ends_with_an_error()
    {
        Skip.IfNot(KafkaServer.Missing is null, KafkaServer.Missing);
        await using var kafka = await KafkaServer.StartAsync(
            1,
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found=true"
        );
        string[] acl = ["--bootstrap-server", kafka.BootstrapServers, "--topic", "gpu-metrics-raw"];
        await kafka.RunToolAsync("kafka-acls.sh", [.. acl, "--add", "--allow-principal", "User:*", "--operation", "Describe"]);
        await kafka.RunToolAsync("kafka-acls.sh", [.. acl, "--add", "--allow-principal", "User:*", "--operation", "DescribeConfigs"]);
        await kafka.RunToolAsync("kafka-acls.sh", [.. acl, "--add", "--allow-principal", "User:*", "--operation", "Create"]);

        await using var collector = Start(kafka);
        await Endpoint(collector);
        await Eventually.Until(() => collector.Errors.Contains("TopicAuthorizationFailed", StringComparison.Ordinal));
        Assert.Contains("kafka-acls --add", collector.Errors, StringComparison.Ordinal);
        await collector.Interrupt();

        Assert.Equal(1, await collector.Exited());
        Assert.Contains("nothing was delivered", collector.Errors, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(collector.Errors, "Kafka does not take"));
    }

    private RunningProgram Start(KafkaServer kafka) =>
        RunningProgram.GpuActors([
            "collect",
            "--target",
            $"http://127.0.0.1:{_port}/metrics",
            "--set",
            "collector.interval=200ms",
            "--set",
            "collector.endpoint.port=0",
            "--set",
            $"collector.state-directory={_folder}",
            "--set",
            "kafka.producer.close-timeout=2s",
            "--set",
            $"kafka.bootstrap-servers={kafka.BootstrapServers}",
        ]);

    private static async Task<Uri> Endpoint(RunningProgram collector)
    {
        var ready = await collector.Line(line => line.Contains("ready:", StringComparison.Ordinal));
        return new Uri(ready.Split(' ').Last(word => word.StartsWith("http://", StringComparison.Ordinal)));
    }

    private Task<double> Delivered(Uri metrics) => Value(metrics, "gpuactors_collector_samples_total");

    private async Task<double> Value(Uri metrics, string name)
    {
        var page = await _http.GetStringAsync(metrics);
        var match = Regex.Match(page, $"^{name}(?:{{[^}}]*}})? ([0-9.]+)", RegexOptions.Multiline);
        return match.Success ? double.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) : -1;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _exporter.GetContextAsync();
                await using var body = new StreamWriter(context.Response.OutputStream);
                await body.WriteAsync(Page);
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    [GeneratedRegex("([0-9]+) samples from ([0-9]+) scrapes")]
    private static partial Regex Counts();
}
