using System.Buffers;
using System.Globalization;
using System.Text.Json;
using GpuActors.Simulation.Faults;
using GpuActors.Simulation.Fleet;
using GpuActors.Simulation.Logs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GpuActors.Simulation.Http;

/// <summary>
/// The HTTP server of a simulated fleet. Routes: <c>/metrics</c> (page of all hosts), <c>/hosts/{host}/metrics</c>, <c>/targets</c> (JSON
/// array of the hosts' pages), <c>/health</c>, <c>GET /faults</c>, <c>POST /faults</c> and <c>DELETE /faults/{id}</c>.
/// </summary>
public sealed class SimulationServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stop = new();
    private Task _kernelLog = Task.CompletedTask;

    private SimulationServer(WebApplication app, SimulatedFleet fleet)
    {
        _app = app;
        Fleet = fleet;
    }

    /// <summary>The fleet. Faults can be injected into it directly.</summary>
    public SimulatedFleet Fleet { get; }

    /// <summary>The address at which the server listens, with the actual port.</summary>
    public Uri BaseAddress => new(_app.Urls.First());

    /// <summary>The exporter pages, one per host.</summary>
    public IReadOnlyList<Uri> Targets => Fleet.Hosts.Select(h => new Uri(BaseAddress, $"/hosts/{h.Name}/metrics")).ToList();

    /// <summary>Creates the fleet and starts the server.</summary>
    /// <param name="settings">Fleet and address.</param>
    /// <param name="time">Clock of the fleet.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="InvalidDataException">The scenario can't be read, or names a GPU that the fleet does not have.</exception>
    /// <exception cref="IOException">The port is in use, or the kernel log can't be written.</exception>
    public static async Task<SimulationServer> StartAsync(
        SimulationSettings settings,
        TimeProvider time,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(time);
        var fleet = new SimulatedFleet(
            settings.Gpus,
            settings.Seed,
            time.GetUtcNow().ToUnixTimeMilliseconds(),
            GpuProduct.All.First(product => product.Key == settings.Product)
        );
        Inject(settings.Scenario, fleet, time);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://{settings.Address}:{settings.Port}");
        builder.Services.AddResponseCompression();
        builder.Services.AddProblemDetails();
        var app = builder.Build();
        var server = new SimulationServer(app, fleet);
        app.UseResponseCompression();
        server.Map(time);
        var log = settings.KernelLog.Length > 0 ? new KernelLogWriter(settings.KernelLog, fleet) : null;
        await app.StartAsync(cancellationToken).ConfigureAwait(false);
        server._kernelLog = log?.RunAsync(time, server._stop.Token) ?? Task.CompletedTask;
        return server;
    }

    /// <summary>Stops the server.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default) => _app.StopAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _kernelLog.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private static void Inject(string scenario, SimulatedFleet fleet, TimeProvider time)
    {
        foreach (var request in Scenario.Load(scenario))
        {
            // In a fleet with fewer than ten GPUs the faults of the missing GPUs are skipped.
            if (scenario == Scenario.Demo && int.Parse(request.Gpu, CultureInfo.InvariantCulture) >= fleet.Gpus.Count)
            {
                continue;
            }

            try
            {
                fleet.Inject(request, time.GetUtcNow().ToUnixTimeMilliseconds());
            }
            catch (ArgumentException e)
            {
                throw new InvalidDataException($"Scenario {scenario}: {e.Message}", e);
            }
        }
    }

    private void Map(TimeProvider time)
    {
        long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
        _app.MapGet("/metrics", context => Page(context, null, Now()));
        _app.MapGet(
            "/hosts/{host}/metrics",
            async context =>
            {
                var name = (string)context.Request.RouteValues["host"]!;
                var host = Fleet.Hosts.FirstOrDefault(h => h.Name == name);
                await (
                    host is null
                        ? Problem(404, $"host = '{name}': no such host; GET /targets lists the pages of all hosts").ExecuteAsync(context)
                        : Page(context, host, Now())
                ).ConfigureAwait(false);
            }
        );
        _app.MapGet("/targets", context => context.Response.WriteAsJsonAsync(Targets.Select(t => t.ToString())));
        _app.MapGet("/health", () => "OK");
        _app.MapGet("/faults", context => context.Response.WriteAsJsonAsync(Fleet.Faults, FaultRequest.Json));
        _app.MapPost("/faults", context => Post(context, Now()));
        _app.MapDelete(
            "/faults/{id:int}",
            (int id) => Fleet.Remove(id) ? Results.NoContent() : Problem(404, $"id = {id}: no such fault; GET /faults lists all faults")
        );
    }

    private async Task Page(HttpContext context, SimulatedHost? host, long nowMs)
    {
        var page = new ArrayBufferWriter<byte>(64 * 1024);
        if (!Fleet.Read(nowMs, host, gpus => ExporterPage.Write(page, gpus)))
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await context.Response.Body.WriteAsync(page.WrittenMemory, context.RequestAborted).ConfigureAwait(false);
    }

    private async Task Post(HttpContext context, long nowMs)
    {
        try
        {
            var request =
                await JsonSerializer
                    .DeserializeAsync<FaultRequest>(context.Request.Body, FaultRequest.Json, context.RequestAborted)
                    .ConfigureAwait(false)
                ?? throw new JsonException("The body is null.");
            var fault = Fleet.Inject(request, nowMs);
            context.Response.StatusCode = StatusCodes.Status201Created;
            context.Response.Headers.Location = $"/faults/{fault.Id}";
            await context.Response.WriteAsJsonAsync(fault, FaultRequest.Json, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            var kinds = string.Join(", ", Enum.GetNames<FaultKind>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName));
            await Problem(
                    400,
                    $"{e.Message} A fault has the form {{\"gpu\": \"<uuid or index>\", \"kind\": \"power_brake\", \"duration_s\": 30}}; "
                        + $"kinds: {kinds}"
                )
                .ExecuteAsync(context)
                .ConfigureAwait(false);
        }
    }

    private static IResult Problem(int status, string detail) => Results.Problem(detail, statusCode: status);
}
