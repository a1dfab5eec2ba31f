using System.Text;

namespace GpuActors.Core.Codecs;

/// <summary>The header <c>content-type</c> of a record of <c>gpu-metrics-raw</c>.</summary>
public static class ContentTypes
{
    /// <summary>Name of the header.</summary>
    public const string Header = "content-type";

    /// <summary>A sample or a nested event as JSON.</summary>
    public const string Json = "application/json";

    /// <summary>A sample as <c>sample.proto</c> describes it.</summary>
    public const string Protobuf = "application/x-protobuf";

    // The name that was registered at last; some producers use it.
    private const string RegisteredProtobuf = "application/protobuf";

    /// <summary>True for <see cref="Json"/>, in capitals or not, with parameters or without.</summary>
    public static bool IsJson(ReadOnlySpan<byte> contentType) => Ascii.EqualsIgnoreCase(WithoutParameters(contentType), Json);

    /// <summary>True for <see cref="Protobuf"/> or <c>application/protobuf</c>, in capitals or not, with parameters or without.</summary>
    public static bool IsProtobuf(ReadOnlySpan<byte> contentType) =>
        WithoutParameters(contentType) is var type
        && (Ascii.EqualsIgnoreCase(type, Protobuf) || Ascii.EqualsIgnoreCase(type, RegisteredProtobuf));

    private static ReadOnlySpan<byte> WithoutParameters(ReadOnlySpan<byte> contentType) =>
        (contentType.IndexOf((byte)';') is >= 0 and var end ? contentType[..end] : contentType).Trim(" \t"u8);
}
