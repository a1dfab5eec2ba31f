using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuActors.Simulation.Faults;

/// <summary>A fault as users write it: over HTTP, and in a scenario file with <see cref="AtSeconds"/>.</summary>
public sealed record FaultRequest
{
    /// <summary>How users' JSON is read: a member that is not known is an error, since it is a typing mistake.</summary>
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

    /// <summary>What goes wrong.</summary>
    public required FaultKind Kind { get; init; }

    /// <summary>How long it lasts, in seconds. Default 30.</summary>
    [JsonPropertyName("duration_s")]
    public double DurationSeconds { get; init; } = 30;

    /// <summary>When it starts, in seconds after the fleet's start; 0 (default) is now.</summary>
    [JsonPropertyName("at_s")]
    public double AtSeconds { get; init; }

    /// <summary>How much of it, where the kind has an amount.</summary>
    public double? Value { get; init; }
}
