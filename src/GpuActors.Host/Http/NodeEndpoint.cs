using System.Net;
using GpuActors.Core.Samples;
using GpuActors.Host.Cli;
using GpuActors.Host.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GpuActors.Host.Http;

/// <summary>
/// The node's HTTP endpoint: <c>/health/live</c>, <c>/health/ready</c>, <c>/metrics</c>, <c>/api/gpu/{gpu}/status</c>, and what
/// <see cref="AlertRoutes"/> adds. Errors are RFC 9457 problem details.
/// </summary>
internal sealed class NodeEndpoint : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly PrometheusExporter _metrics;

    private NodeEndpoint(WebApplication app, PrometheusExporter metrics, Uri address)
    {
        _app = app;
        _metrics = metrics;
        Address = address;
    }

    /// <summary>Where it listens, with the port that was taken.</summary>
    public Uri Address { get; }

    /// <summary>Starts listening.</summary>
    /// <exception cref="IOException">The address or port cannot be had.</exception>
    public static async Task<NodeEndpoint> StartAsync(ApiSettings settings, NodeView view, CancellationToken cancellationToken)
    {
        // The slim builder reads neither files nor environment: the configuration of this program is HOCON alone.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder
            .WebHost.UseKestrelCore()
            .ConfigureKestrel(kestrel =>
            {
                kestrel.AddServerHeader = false;
                kestrel.Limits.MaxRequestBodySize = 64 * 1024;
                kestrel.Listen(settings.Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(settings.Host), settings.Port);
            });
        builder.Services.AddRoutingCore();
        builder.Services.AddProblemDetails();
        // The command decides when the process ends, not a signal handler of the web host.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonOutput.Options.PropertyNamingPolicy;
            json.SerializerOptions.Encoder = JsonOutput.Options.Encoder;
        });
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.UseExceptionHandler(errors => errors.Run(AnswerError));
        app.UseStatusCodePages();
        app.UseRouting();
        var metrics = new PrometheusExporter();
        Map(app, view, metrics);
        try
        {
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            metrics.Dispose();
            throw new IOException(
                $"api.host {settings.Host}, api.port {settings.Port}: cannot listen there: {e.Message}. Set api.port to another port, or to 0 for a free one",
                e
            );
        }

        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new NodeEndpoint(app, metrics, new Uri(address));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        _metrics.Dispose();
    }

    private static void Map(WebApplication app, NodeView view, PrometheusExporter metrics)
    {
        app.MapGet("/health/live", () => TypedResults.Json(new { status = "live" }));
        app.MapGet(
            "/health/ready",
            () =>
            {
                var checks = view.Readiness();
                var ready = checks.Values.All(holds => holds);
                return TypedResults.Json(
                    new { status = ready ? "ready" : "not_ready", checks },
                    statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable
                );
            }
        );
        app.MapGet("/metrics", () => TypedResults.Text(metrics.Scrape(), "text/plain; version=0.0.4; charset=utf-8"));
        AlertRoutes.Map(app, view.Alerts);
        app.MapGet(
            "/api/gpu/{gpu}/status",
            async (string gpu, CancellationToken cancellationToken) =>
            {
                if (!GpuId.TryParse(gpu, out var id))
                {
                    return Results.Problem(
                        $"{gpu} is no GPU id: give the UUID as nvidia-smi -L prints it",
                        statusCode: StatusCodes.Status400BadRequest
                    );
                }

                if (view.GpuStatus is null)
                {
                    return Results.Problem(
                        "This node knows no GPUs: ask one with the role api or detect",
                        statusCode: StatusCodes.Status404NotFound
                    );
                }

                return await view.GpuStatus(id, cancellationToken).ConfigureAwait(false) is { } status
                    ? Results.Json(status)
                    : Results.Problem($"No sample of {gpu} has been seen", statusCode: StatusCodes.Status404NotFound);
            }
        );
    }

    private static Task AnswerError(HttpContext context)
    {
        var error = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        var late = error is TimeoutException;
        return Results
            .Problem(
                late
                    ? "The GPU's actor did not answer in time: the node is overloaded, or its shard is moving; try again"
                    : "Unexpected error; the node's log has it",
                statusCode: late ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError
            )
            .ExecuteAsync(context);
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
