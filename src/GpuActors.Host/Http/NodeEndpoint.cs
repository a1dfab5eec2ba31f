using System.Net;
using GpuActors.Core.Samples;
using GpuActors.Host.Cli;
using GpuActors.Host.Logging;
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
/// The HTTP endpoint of a node or collector: <c>/health/live</c>, <c>/health/ready</c> (also as <c>/health</c>), <c>/metrics</c>,
/// <c>/api/gpu/{gpu}/status</c>, and the routes of <see cref="AlertRoutes"/>. Errors are RFC 9457 problem details.
/// </summary>
internal sealed class NodeEndpoint : IAsyncDisposable
{
    private readonly WebApplication _app;

    private NodeEndpoint(WebApplication app, Uri address)
    {
        _app = app;
        Address = address;
    }

    /// <summary>The address on which it listens, with the actual port.</summary>
    public Uri Address { get; }

    /// <summary>Starts listening.</summary>
    /// <param name="settings">Address and port.</param>
    /// <param name="view">What the routes show.</param>
    /// <param name="loggers">Get unexpected errors.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="IOException">The address or port is not available.</exception>
    public static async Task<NodeEndpoint> StartAsync(
        ApiSettings settings,
        NodeView view,
        ILoggerFactory loggers,
        CancellationToken cancellationToken
    )
    {
        // The empty builder reads neither files nor environment: this program is configured by HOCON alone.
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
        // The command decides when the process ends, not the signal handler of the web host.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonOutput.Options.PropertyNamingPolicy;
            json.SerializerOptions.Encoder = JsonOutput.Options.Encoder;
        });
        MetricsRoute.AddServices(builder.Services);
        var app = builder.Build();
        var logger = loggers.CreateLogger<NodeEndpoint>();
        app.UseExceptionHandler(errors => errors.Run(context => AnswerError(context, logger)));
        app.UseStatusCodePages();
        app.UseRouting();
        Map(app, view);
        try
        {
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw new IOException(
                $"api.host {settings.Host}, api.port {settings.Port}: cannot listen there: {e.Message}. "
                    + "Set api.port to another port, or to 0 for a free one",
                e
            );
        }

        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new NodeEndpoint(app, new Uri(address));
    }

    /// <summary>Stops listening.</summary>
    public async ValueTask DisposeAsync()
    {
        // A request that takes longer is cut off.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _app.StopAsync(limit.Token).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private static void Map(WebApplication app, NodeView view)
    {
        app.MapGet("/health/live", () => TypedResults.Json(new { status = "live" }));
        app.MapGet("/health/ready", () => Ready(view));
        app.MapGet("/health", () => Ready(view));
        MetricsRoute.Map(app);
        AlertRoutes.Map(app, view.Alerts);
        RetireRoute.Map(app, view);
        app.MapGet("/api/gpu/{gpu}/status", (string gpu, CancellationToken cancellationToken) => StatusAsync(view, gpu, cancellationToken));
    }

    private static IResult Ready(NodeView view)
    {
        var checks = view.Readiness();
        var ready = checks.Values.All(holds => holds);
        return Results.Json(
            new
            {
                status = ready ? "ready" : "not_ready",
                checks,
                troubles = view.Troubles(),
            },
            statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable
        );
    }

    private static async Task<IResult> StatusAsync(NodeView view, string gpu, CancellationToken cancellationToken)
    {
        if (!GpuId.TryParse(gpu, out var id))
        {
            return Results.Problem(
                $"{gpu} is not a GPU id: give the UUID as nvidia-smi -L prints it",
                statusCode: StatusCodes.Status400BadRequest
            );
        }

        if (view.GpuStatus is null)
        {
            return Results.Problem(
                "This node knows no GPUs: ask a node with the role api or detect",
                statusCode: StatusCodes.Status404NotFound
            );
        }

        return await view.GpuStatus(id, cancellationToken).ConfigureAwait(false) is { } status
            ? Results.Json(status)
            : Results.Problem($"No sample of {gpu} has been seen", statusCode: StatusCodes.Status404NotFound);
    }

    private static Task AnswerError(HttpContext context, ILogger logger)
    {
        var error = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        var late = error is TimeoutException;
        if (!late)
        {
            logger.RequestFailed(error, context.Request.Method, context.Request.Path);
        }

        return Results
            .Problem(
                late
                    ? "The GPU's actor did not answer in time: the node is overloaded, or its shard is moving; try again"
                    : "Unexpected error; see the node's log",
                statusCode: late ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError
            )
            .ExecuteAsync(context);
    }
}
