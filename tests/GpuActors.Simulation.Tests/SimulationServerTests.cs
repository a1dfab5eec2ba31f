using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using GpuActors.Simulation.Http;
using Microsoft.Extensions.Time.Testing;

namespace GpuActors.Simulation.Tests;

/// <summary>The simulated exporters over HTTP.</summary>
public sealed class SimulationServerTests : IAsyncLifetime, IDisposable
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(Pages.StartMs));
    private readonly HttpClient _http = new(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None });
    private SimulationServer _server = null!;

    public async Task InitializeAsync()
    {
        _server = await SimulationServer.StartAsync(new SimulationSettings { Port = 0 }, _time);
        _http.BaseAddress = _server.BaseAddress;
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Every_target_serves_its_hosts_page_as_prometheus_text()
    {
        var targets = await _http.GetFromJsonAsync<List<Uri>>("/targets");
        Assert.Equal(_server.Targets, targets);
        foreach (var (target, host) in targets!.Zip(_server.Fleet.Hosts))
        {
            using var response = await _http.GetAsync(target);
            Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
            Assert.Contains($"hostname=\"{host.Name}\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_page_is_compressed_on_request()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.AcceptEncoding.Add(new("gzip"));
        using var response = await _http.SendAsync(request);
        Assert.Equal("gzip", Assert.Single(response.Content.Headers.ContentEncoding));
        await using var unzipped = new System.IO.Compression.GZipStream(
            await response.Content.ReadAsStreamAsync(),
            System.IO.Compression.CompressionMode.Decompress
        );
        using var reader = new StreamReader(unzipped);
        Assert.Equal(await _http.GetStringAsync("/metrics"), await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task An_injected_fault_affects_the_next_page_is_listed_and_can_be_removed()
    {
        using var posted = await Post("""{"gpu": "2", "kind": "power_brake", "duration_s": 60}""");
        Assert.Equal(HttpStatusCode.Created, posted.StatusCode);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0x88, await Mask(2) & 0x88);
        Assert.Equal("power_brake", (await _http.GetFromJsonAsync<JsonElement>("/faults"))[0].GetProperty("kind").GetString());

        using var deleted = await _http.DeleteAsync(posted.Headers.Location);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, await Mask(2) & 0x88);
        using var again = await _http.DeleteAsync(posted.Headers.Location);
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    [Theory]
    [InlineData("{", "power_brake")]
    [InlineData("null", "The body is null")]
    [InlineData("""{"gpu": "2", "kind": "meteor"}""", "kind")]
    [InlineData("""{"gpu": "99", "kind": "dbe"}""", "gpu = '99'")]
    [InlineData("""{"gpu": "2"}""", "kind")]
    [InlineData("""{"gpu": "2", "kind": "dbe", "duration_s": -1}""", "duration_s = -1")]
    [InlineData("""{"gpu": "2", "kind": "dbe", "duratoin_s": 5}""", "duratoin_s")]
    public async Task An_invalid_fault_is_answered_with_the_error_and_the_kinds(string body, string words)
    {
        using var response = await Post(body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var detail = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString();
        Assert.Contains(words, detail, StringComparison.Ordinal);
        Assert.Contains("exporter_down", detail, StringComparison.Ordinal);
        Assert.Empty(_server.Fleet.Faults);
    }

    [Fact]
    public async Task An_exporter_that_is_down_answers_503_and_an_unknown_host_404()
    {
        using var posted = await Post("""{"gpu": "0", "kind": "exporter_down"}""");
        _time.Advance(TimeSpan.FromSeconds(1));
        using var down = await _http.GetAsync(_server.Targets[0]);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, down.StatusCode);
        using var up = await _http.GetAsync(_server.Targets[1]);
        Assert.Equal(HttpStatusCode.OK, up.StatusCode);
        using var unknown = await _http.GetAsync("/hosts/nowhere/metrics");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Contains("nowhere", await unknown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<int> Mask(int gpu)
    {
        var page = await _http.GetStringAsync("/metrics");
        var row = page.Split('\n')
            .Single(l =>
                l.StartsWith("DCGM_FI_DEV_CLOCK_THROTTLE_REASONS{", StringComparison.Ordinal)
                && l.Contains(_server.Fleet.Gpus[gpu].Uuid, StringComparison.Ordinal)
            );
        return int.Parse(row[(row.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task<HttpResponseMessage> Post(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await _http.PostAsync("/faults", content);
    }
}
