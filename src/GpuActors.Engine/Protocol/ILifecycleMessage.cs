namespace GpuActors.Engine.Protocol;

/// <summary>
/// A message or fact of incidents, acknowledgements and silences that crosses nodes or is kept: bound to <see cref="LifecycleSerializer"/>.
/// </summary>
public interface ILifecycleMessage;
