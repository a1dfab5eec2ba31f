namespace GpuActors.Engine.Notify;

/// <summary>NOTIFY could not read or publish, and starts again.</summary>
public sealed class NotifyFailedException : Exception
{
    /// <summary>Without a text, for serializers.</summary>
    public NotifyFailedException() { }

    /// <summary>With a text.</summary>
    public NotifyFailedException(string message)
        : base(message) { }

    /// <summary>With a text and a cause.</summary>
    public NotifyFailedException(string message, Exception innerException)
        : base(message, innerException) { }
}
