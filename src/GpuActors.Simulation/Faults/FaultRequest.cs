using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuActors.Simulation.Faults;

/// <summary>A request to inject a fault: the body of <c>POST /faults</c>, or an entry of a scenario file.</summary>
public sealed record FaultRequest
{
    /// <summary>JSON options for requests. An unknown member is an error, because it is most likely a typing mistake.</summary>
    public static JsonSerializerOptions Json { get; } =
        new()
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
            WriteIndented = true,
        };

    /// <summary>UUID of the GPU or its index in the fleet, from 0.</summary>
    public required string Gpu { get; init; }

    /// <summary>Kind of fault.</summary>
    public required FaultKind Kind { get; init; }

    /// <summary>Duration in seconds, above 0. Default 30.</summary>
    [JsonPropertyName("duration_s")]
    public double DurationSeconds { get; init; } = 30;

    /// <summary>Start in seconds after the start of the fleet; 0 (default) means now.</summary>
    [JsonPropertyName("at_s")]
    public double AtSeconds { get; init; }

    /// <summary>Amount, for kinds that have one; null (default) for the kind's default.</summary>
    public double? Value { get; init; }
}
