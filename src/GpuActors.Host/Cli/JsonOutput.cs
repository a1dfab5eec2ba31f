using System.Text.Encodings.Web;
using System.Text.Json;

namespace GpuActors.Host.Cli;

/// <summary>One JSON object on one line of standard output: what a script reads.</summary>
internal static class JsonOutput
{
    /// <summary>Members in snake_case, times as RFC 3339, text as it is.</summary>
    public static JsonSerializerOptions Options { get; } =
        new(JsonSerializerDefaults.Web)
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict,
        };

    public static void Write<T>(Terminal terminal, T value) => terminal.Plain(JsonSerializer.Serialize(value, Options));
}
