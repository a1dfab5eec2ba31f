using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json;
using GpuActors.Host.Cli;
using GpuActors.Host.Configuration;

namespace GpuActors.Host.Operating;

/// <summary>A client of a node's HTTP endpoint.</summary>
internal sealed class NodeClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly HttpClient _http;

    private NodeClient(Uri node) => _http = new HttpClient { BaseAddress = node, Timeout = Patience };

    /// <summary>A command's <c>--node</c>.</summary>
    public static Option<string?> NodeOption() =>
        new("--node")
        {
            Description = "Address of a node's HTTP endpoint (default: api.host and api.port of the configuration)",
            HelpName = "URL",
            Recursive = true,
        };

    /// <summary>A client of the node that the command line or the configuration names.</summary>
    /// <exception cref="ConfigurationException">The address is not valid.</exception>
    public static NodeClient Of(string? given, HostSettings settings)
    {
        var text = given ?? $"http://{(settings.Api.Host is "0.0.0.0" ? "127.0.0.1" : settings.Api.Host)}:{settings.Api.Port}";
        return Uri.TryCreate(text, UriKind.Absolute, out var node) && node.Scheme is "http" or "https"
            ? new NodeClient(node)
            : throw new ConfigurationException($"--node {text}: expected an address such as http://node1:8080");
    }

    /// <summary>Sends a GET request and reads the answer.</summary>
    /// <exception cref="InvalidOperationException">The node refused the request, or no node answers.</exception>
    public Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, null, cancellationToken);

    /// <summary>Sends a request, and reads the answer; of kind undefined when the answer is empty.</summary>
    /// <exception cref="InvalidOperationException">The node refused the request, or no node answers; the text gives the reason.</exception>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Content = body is null ? null : JsonContent.Create(body, options: JsonOutput.Options),
        };
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            var text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
            }

            throw new InvalidOperationException(
                Detail(text)
                    ?? $"{_http.BaseAddress}{path.TrimStart('/')} answered {(int)response.StatusCode}: is it a node of this version?"
            );
        }
        catch (HttpRequestException e)
        {
            throw new InvalidOperationException(
                $"No node answers at {_http.BaseAddress}: {e.Message}. Start one with gpuactors node, or name another with --node"
            );
        }
        catch (JsonException)
        {
            throw new InvalidOperationException($"{_http.BaseAddress} is not a node: the answer is not JSON");
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException(
                $"{_http.BaseAddress} did not answer within {Patience.TotalSeconds} s: try again, or name another node with --node"
            );
        }
    }

    public void Dispose() => _http.Dispose();

    private static string? Detail(string text)
    {
        try
        {
            using var problem = JsonDocument.Parse(text);
            return problem.RootElement.TryGetProperty("detail", out var detail) ? detail.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
