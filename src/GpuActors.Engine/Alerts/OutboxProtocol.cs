using Akka.Actor;
using GpuActors.Core.Alerts;
using GpuActors.Engine.Detect;

namespace GpuActors.Engine.Alerts;

/// <summary>Between GPU actors, the outbox and its journal. Never leaves the node.</summary>
internal static class OutboxProtocol
{
    /// <summary>Publish a transition, and complete a part of the ticket once the broker has it.</summary>
    public sealed record Publish(AlertTransition Transition, BatchTicket? Ticket) : INoSerializationVerificationNeeded;

    /// <summary>The producer's answer.</summary>
    public sealed record Delivered(WaitingAlert Alert, string? Error) : INoSerializationVerificationNeeded;

    /// <summary>The alert has waited long enough to hear of its incident.</summary>
    public sealed record DecisionIsLate(string Key) : INoSerializationVerificationNeeded;

    /// <summary>Time to offer what waits to the producer again.</summary>
    public sealed record Retry : INoSerializationVerificationNeeded;

    /// <summary>What was delivered before this node started; empty when the journal can't be read.</summary>
    public sealed record Remembered(IReadOnlyCollection<string> Keys) : INoSerializationVerificationNeeded;

    /// <summary>To the journal: this transition was delivered.</summary>
    public sealed record Remember(string Key) : INoSerializationVerificationNeeded;
}
