using System.Text.Json;
using GpuActors.Core.Gpus;
using GpuActors.Core.Samples;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace GpuActors.Host.Http;

/// <summary>
/// <c>POST /api/retire</c>: takes a GPU, a host or a rack out of the fleet. The body is JSON with <c>scope</c> (gpu, host or rack) and
/// <c>name</c>; the answer has <c>retired</c>, the number of GPUs.
/// </summary>
internal static class RetireRoute
{
    public static void Map(WebApplication app, NodeView view) => app.MapPost("/api/retire", http => Retire(view, http));

    private static async Task Retire(NodeView view, HttpContext http) =>
        await (await Answer(view, http).ConfigureAwait(false)).ExecuteAsync(http).ConfigureAwait(false);

    private static async Task<IResult> Answer(NodeView view, HttpContext http)
    {
        if (view.Retire is not { } retire)
        {
            return Results.Problem(
                "This node has no GPUs: use a node with the role api or detect",
                statusCode: StatusCodes.Status404NotFound
            );
        }

        if (!http.Request.HasJsonContentType())
        {
            return Results.Problem(
                "Send the body as JSON, with Content-Type: application/json",
                statusCode: StatusCodes.Status415UnsupportedMediaType
            );
        }

        RetireBody? body;
        try
        {
            body = await http.Request.ReadFromJsonAsync<RetireBody>(http.RequestAborted).ConfigureAwait(false);
        }
        catch (JsonException e)
        {
            return Results.Problem($"The body is not valid: {e.Message}", statusCode: StatusCodes.Status400BadRequest);
        }

        if (!Enum.TryParse<RetireScope>(body?.Scope, ignoreCase: true, out var scope) || body!.Scope!.Any(char.IsDigit))
        {
            return Results.Problem($"scope = {body?.Scope}: must be gpu, host or rack", statusCode: StatusCodes.Status400BadRequest);
        }

        if (string.IsNullOrWhiteSpace(body.Name))
        {
            return Results.Problem($"name is missing: the {body.Scope} to retire", statusCode: StatusCodes.Status400BadRequest);
        }

        if (scope == RetireScope.Gpu && !GpuId.TryParse(body.Name, out _))
        {
            return Results.Problem(
                $"name = {body.Name}: is not a GPU id; give the UUID as nvidia-smi -L prints it",
                statusCode: StatusCodes.Status400BadRequest
            );
        }

        try
        {
            var retired = await retire(scope, body.Name).ConfigureAwait(false);
            return retired > 0
                ? Results.Json(new { retired })
                : Results.Problem($"No GPU of {body.Scope} {body.Name} is known", statusCode: StatusCodes.Status404NotFound);
        }
        catch (TimeoutException)
        {
            return Results.Problem(
                "Some nodes did not answer in time: their shards may be moving. GPUs of others may be retired; repeat the request",
                statusCode: StatusCodes.Status503ServiceUnavailable
            );
        }
    }

    private sealed record RetireBody(string? Scope, string? Name);
}
