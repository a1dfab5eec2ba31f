namespace GpuActors.Fuzzing;

/// <summary>A decoder did what none may do.</summary>
public sealed class FuzzViolationException(string message) : Exception(message);
