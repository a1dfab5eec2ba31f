using System.Runtime.Serialization;
using System.Text.Json;
using Akka.Actor;
using Akka.Serialization;
using GpuActors.Core.Codecs;

namespace GpuActors.Engine.Protocol;

/// <summary>
/// The form of <see cref="INotifyMessage"/> on the wire: JSON as in the records of <see cref="NotifyCodec"/>, with one short manifest per
/// message. They are few; a member that a later version adds is skipped by an earlier one.
/// </summary>
public sealed class NotifySerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private static readonly Dictionary<Type, string> ManifestOf = new()
    {
        [typeof(NotifyProtocol.Execute)] = "X",
        [typeof(NotifyProtocol.Executed)] = "XR",
        [typeof(NotifyProtocol.GetOpenAlerts)] = "A",
        [typeof(NotifyProtocol.PreviewSilence)] = "P",
        [typeof(NotifyProtocol.OpenAlertList)] = "AR",
        [typeof(NotifyProtocol.GetIncidents)] = "IS",
        [typeof(NotifyProtocol.IncidentList)] = "ISR",
        [typeof(NotifyProtocol.GetIncident)] = "I",
        [typeof(NotifyProtocol.FoundIncident)] = "IR",
        [typeof(NotifyProtocol.GetControl)] = "C",
        [typeof(NotifyProtocol.ControlList)] = "CR",
    };

    private static readonly Dictionary<string, Type> TypeOf = ManifestOf.ToDictionary(m => m.Value, m => m.Key, StringComparer.Ordinal);

    /// <summary>The manifests that can be read.</summary>
    internal static IReadOnlyCollection<string> Manifests => TypeOf.Keys;

    /// <summary>Registered id, above Akka's own.</summary>
    public override int Identifier => 4712;

    /// <inheritdoc/>
    public override string Manifest(object o)
    {
        ArgumentNullException.ThrowIfNull(o);
        return ManifestOf.GetValueOrDefault(o.GetType()) ?? throw new SerializationException($"{o.GetType()} is not a message of NOTIFY");
    }

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj)
    {
        ArgumentNullException.ThrowIfNull(obj);
        return JsonSerializer.SerializeToUtf8Bytes(obj, obj.GetType(), NotifyCodec.Options);
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
            return JsonSerializer.Deserialize(bytes, type, NotifyCodec.Options)
                ?? throw new SerializationException($"A message with manifest '{manifest}' is null");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException)
        {
            throw new SerializationException($"A message with manifest '{manifest}' ({bytes.Length} bytes) cannot be read: {e.Message}", e);
        }
    }
}
