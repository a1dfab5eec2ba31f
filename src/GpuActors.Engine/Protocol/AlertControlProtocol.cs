using GpuActors.Core.Silences;

namespace GpuActors.Engine.Protocol;

/// <summary>Messages between nodes, the singleton of acknowledgements and silences, and its journal.</summary>
internal static class AlertControlProtocol
{
    /// <summary>Executes a command. Answered by <see cref="Executed"/> once it is in the database.</summary>
    public sealed record Execute(AlertControlCommand Command) : ILifecycleMessage;

    /// <summary>Answers <see cref="Execute"/>; no problem means that it was executed.</summary>
    public sealed record Executed(string? Problem, bool IsMissing) : ILifecycleMessage;

    /// <summary>From a node: asks for a copy, unless it has this version, and for one after each change.</summary>
    public sealed record Subscribe(long Version) : ILifecycleMessage;

    /// <summary>To a node: the whole state. A higher version is newer.</summary>
    public sealed record Copy(long Version, AlertControlSnapshot State) : ILifecycleMessage;

    /// <summary>Journal event: a change.</summary>
    public sealed record Happened(AlertControlEvent Fact) : ILifecycleMessage;

    /// <summary>Journal snapshot: the whole state.</summary>
    public sealed record Memory(AlertControlSnapshot State) : ILifecycleMessage;
}
