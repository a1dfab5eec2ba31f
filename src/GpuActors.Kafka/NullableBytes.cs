using Confluent.Kafka;

namespace GpuActors.Kafka;

/// <summary>Keys and values that may be null, as they are: a null value is a tombstone. The client's own serializer is declared for byte
/// arrays that are not null.</summary>
internal sealed class NullableBytes : ISerializer<byte[]?>, IDeserializer<byte[]?>
{
    public static NullableBytes Instance { get; } = new();

    public byte[]? Serialize(byte[]? data, SerializationContext context) => data;

    public byte[]? Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) => isNull ? null : data.ToArray();
}
