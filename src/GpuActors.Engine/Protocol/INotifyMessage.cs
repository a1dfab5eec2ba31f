namespace GpuActors.Engine.Protocol;

/// <summary>A message between a node and NOTIFY: bound to <see cref="NotifySerializer"/>.</summary>
public interface INotifyMessage;
