using System.Text;

namespace GpuActors.Core.Codecs;

/// <summary>The content types of records of <c>gpu-metrics-raw</c>.</summary>
public static class ContentTypes
{
    /// <summary>Name of the record header that holds the content type.</summary>
    public const string Header = "content-type";

    /// <summary>A sample or a nested event in JSON.</summary>
    public const string Json = "application/json";

    /// <summary>A sample in Protobuf, as defined by <c>sample.proto</c>.</summary>
    public const string Protobuf = "application/x-protobuf";

    // The name registered with IANA; some producers use it.
    private const string RegisteredProtobuf = "application/protobuf";

    /// <summary>True for <see cref="Json"/>. Case and parameters are ignored.</summary>
    public static bool IsJson(ReadOnlySpan<byte> contentType) => Ascii.EqualsIgnoreCase(WithoutParameters(contentType), Json);

    /// <summary>True for <see cref="Protobuf"/> and <c>application/protobuf</c>. Case and parameters are ignored.</summary>
    public static bool IsProtobuf(ReadOnlySpan<byte> contentType) =>
        WithoutParameters(contentType) is var type
        && (Ascii.EqualsIgnoreCase(type, Protobuf) || Ascii.EqualsIgnoreCase(type, RegisteredProtobuf));

    private static ReadOnlySpan<byte> WithoutParameters(ReadOnlySpan<byte> contentType) =>
        (contentType.IndexOf((byte)';') is >= 0 and var end ? contentType[..end] : contentType).Trim(" \t"u8);
}
