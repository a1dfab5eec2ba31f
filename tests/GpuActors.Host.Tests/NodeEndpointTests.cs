using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using GpuActors.Host.Http;
using GpuActors.Host.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace GpuActors.Host.Tests;

public sealed class NodeEndpointTests : IAsyncLifetime, IDisposable
{
    private readonly HttpClient _http = new();
    private bool _ready;
    private NodeEndpoint _endpoint = null!;

    public async Task InitializeAsync()
    {
        _endpoint = await NodeEndpoint.StartAsync(
            new ApiSettings { Port = 0 },
            new NodeView
            {
                Readiness = () => new Dictionary<string, bool> { ["detect"] = _ready },
                GpuStatus = (gpu, _) =>
                    gpu.Value == "GPU-slow"
                        ? throw new TimeoutException()
                        : Task.FromResult<object?>(gpu.Value == "GPU-1" ? new { GpuUuid = gpu.Value, Temperature = 61.0 } : null),
            },
            NullLoggerFactory.Instance,
            CancellationToken.None
        );
        _http.BaseAddress = _endpoint.Address;
    }

    [Fact]
    public async Task Readiness_follows_its_conditions_and_liveness_does_not()
    {
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync("/health/live")).StatusCode);
        using var before = await _http.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, before.StatusCode);
        Assert.False((await before.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("checks").GetProperty("detect").GetBoolean());
        _ready = true;
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync("/health/ready")).StatusCode);
    }

    [Fact]
    public async Task Status_and_metrics_are_served()
    {
        Assert.Equal(61, (await _http.GetFromJsonAsync<JsonElement>("/api/gpu/GPU-1/status")).GetProperty("temperature").GetDouble());
        Assert.StartsWith(
            "text/plain",
            (await _http.GetAsync("/metrics")).Content.Headers.ContentType!.ToString(),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("/api/gpu/GPU-2/status", 404)]
    [InlineData("/api/gpu/GPU%01/status", 400)]
    [InlineData("/api/gpu/GPU-slow/status", 503)]
    [InlineData("/api/nothing", 404)]
    [InlineData("/api/alerts", 404)]
    [InlineData("/api/silences", 404)]
    public async Task Errors_are_problem_details(string path, int status)
    {
        using var response = await _http.GetAsync(path);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(status, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_with_the_remedy()
    {
        var error = await Assert.ThrowsAsync<IOException>(() =>
            NodeEndpoint.StartAsync(
                new ApiSettings { Port = _endpoint.Address.Port },
                new NodeView { Readiness = () => new Dictionary<string, bool>(), GpuStatus = (_, _) => Task.FromResult<object?>(null) },
                NullLoggerFactory.Instance,
                CancellationToken.None
            )
        );

        Assert.Contains("api.port", error.Message, StringComparison.Ordinal);
    }

    public Task DisposeAsync() => _endpoint.DisposeAsync().AsTask();

    public void Dispose() => _http.Dispose();
}
