using GpuActors.Core.Silences;

namespace GpuActors.Engine.Protocol;

/// <summary>Between nodes, the fleet's one keeper of acknowledgements and silences, and its journal.</summary>
internal static class AlertControlProtocol
{
    /// <summary>Do this. Answered by <see cref="Executed"/> once it is in the database.</summary>
    public sealed record Execute(AlertControlCommand Command) : ILifecycleMessage;

    /// <summary>Answers <see cref="Execute"/>; no problem means that it is done.</summary>
    public sealed record Executed(string? Problem, bool IsMissing) : ILifecycleMessage;

    /// <summary>From a node: send me a copy, unless this is the one I have, and one after each change.</summary>
    public sealed record Subscribe(long Version) : ILifecycleMessage;

    /// <summary>To a node: how things are. A higher version is newer.</summary>
    public sealed record Copy(long Version, AlertControlSnapshot State) : ILifecycleMessage;

    /// <summary>Kept: a fact.</summary>
    public sealed record Happened(AlertControlEvent Fact) : ILifecycleMessage;

    /// <summary>Kept: everything, as a snapshot.</summary>
    public sealed record Memory(AlertControlSnapshot State) : ILifecycleMessage;
}
