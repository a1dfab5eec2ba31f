namespace GpuActors.Fuzzing;

/// <summary>A decoder violated an invariant.</summary>
public sealed class FuzzViolationException(string message) : Exception(message);
