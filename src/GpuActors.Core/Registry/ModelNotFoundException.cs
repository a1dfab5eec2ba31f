namespace GpuActors.Core.Registry;

/// <summary>The registry does not have what is asked for. The message says what it has instead, and the remedy.</summary>
/// <param name="message">What is missing.</param>
public sealed class ModelNotFoundException(string message) : Exception(message);
