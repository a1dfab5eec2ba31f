using System.Runtime.Serialization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Akka.Actor;
using Akka.Serialization;

namespace GpuActors.Engine.Protocol;

/// <summary>
/// The form of <see cref="ILifecycleMessage"/> on the wire and in the journal: JSON with names of its own choice and one short manifest per
/// message, no names of types. They are few and kept for long: a person can read them in the database, and a member that a later version
/// adds is skipped by an earlier one.
/// </summary>
public sealed class LifecycleSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private static readonly Dictionary<Type, string> ManifestOf = new()
    {
        [typeof(IncidentProtocol.Decide)] = "ID",
        [typeof(IncidentProtocol.Decided)] = "IA",
        [typeof(IncidentProtocol.GetIncidents)] = "IG",
        [typeof(IncidentProtocol.IncidentList)] = "IL",
        [typeof(IncidentProtocol.GetIncident)] = "IO",
        [typeof(IncidentProtocol.FoundIncident)] = "IF",
        [typeof(IncidentProtocol.IsOpen)] = "IQ",
        [typeof(IncidentProtocol.Openness)] = "IR",
        [typeof(IncidentProtocol.Evaluated)] = "IJ1",
        [typeof(IncidentProtocol.Published)] = "IP1",
        [typeof(IncidentProtocol.Memory)] = "IM1",
        [typeof(AlertControlProtocol.Execute)] = "CX",
        [typeof(AlertControlProtocol.Executed)] = "CR",
        [typeof(AlertControlProtocol.Subscribe)] = "CS",
        [typeof(AlertControlProtocol.Copy)] = "CC",
        [typeof(AlertControlProtocol.Happened)] = "CE1",
        [typeof(AlertControlProtocol.Memory)] = "CM1",
        [typeof(OpenAlertProtocol.GetOpenAlerts)] = "AG",
        [typeof(OpenAlertProtocol.OpenAlertList)] = "AL",
    };

    private static readonly Dictionary<string, Type> TypeOf = ManifestOf.ToDictionary(m => m.Value, m => m.Key, StringComparer.Ordinal);

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters =
        {
            new AlertTransitionConverter(),
            new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false),
        },
    };

    /// <summary>The manifests that can be read.</summary>
    internal static IReadOnlyCollection<string> Manifests => TypeOf.Keys;

    /// <summary>Registered id, above Akka's own.</summary>
    public override int Identifier => 4712;

    /// <inheritdoc/>
    public override string Manifest(object o)
    {
        ArgumentNullException.ThrowIfNull(o);
        return ManifestOf.GetValueOrDefault(o.GetType())
            ?? throw new SerializationException($"{o.GetType()} is not a message of the alert lifecycle");
    }

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj)
    {
        ArgumentNullException.ThrowIfNull(obj);
        return JsonSerializer.SerializeToUtf8Bytes(obj, obj.GetType(), Json);
    }

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        if (!TypeOf.TryGetValue(manifest, out var type))
        {
            throw new SerializationException($"Manifest '{manifest}' is not known to this version; a newer node has written it");
        }

        // Any other exception type would tear down the connection between the nodes.
        try
        {
            return JsonSerializer.Deserialize(bytes, type, Json)
                ?? throw new SerializationException($"A message with manifest '{manifest}' is null");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException)
        {
            throw new SerializationException($"A message with manifest '{manifest}' ({bytes.Length} bytes) cannot be read: {e.Message}", e);
        }
    }
}
