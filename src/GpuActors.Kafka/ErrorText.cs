using Confluent.Kafka;

namespace GpuActors.Kafka;

/// <summary>Errors of the client library as text.</summary>
internal static class ErrorText
{
    /// <summary>The reason and the code.</summary>
    public static string Text(this Error error) => $"{error.Reason} ({error.Code})";
}
