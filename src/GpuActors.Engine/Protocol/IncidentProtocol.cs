using Akka.Actor;
using GpuActors.Core.Alerts;
using GpuActors.Core.Incidents;

namespace GpuActors.Engine.Protocol;

/// <summary>Messages between outboxes, the incident singleton and its journal.</summary>
internal static class IncidentProtocol
{
    /// <summary>Asks for the incident of a transition and whether it pages. Answered by <see cref="Decided"/>.</summary>
    public sealed record Decide(AlertTransition Alert, bool Silenced) : ILifecycleMessage;

    /// <summary>Answers <see cref="Decide"/>.</summary>
    public sealed record Decided(TransitionId Transition, string? IncidentId, bool Page) : ILifecycleMessage;

    /// <summary>Asks for incidents, the newest first. Answered by <see cref="IncidentList"/>.</summary>
    public sealed record GetIncidents(bool OpenOnly, int Limit, int MembersEach) : ILifecycleMessage;

    /// <summary>Answers <see cref="GetIncidents"/>.</summary>
    public sealed record IncidentList(IReadOnlyList<IncidentRecord> Incidents) : ILifecycleMessage;

    /// <summary>Asks for one incident with all its members. Answered by <see cref="FoundIncident"/>.</summary>
    public sealed record GetIncident(string IncidentId) : ILifecycleMessage;

    /// <summary>Answers <see cref="GetIncident"/>; null when there is none.</summary>
    public sealed record FoundIncident(IncidentRecord? Incident) : ILifecycleMessage;

    /// <summary>Asks whether an alert is open anywhere in the fleet. Answered by <see cref="Openness"/>.</summary>
    public sealed record IsOpen(AlertId AlertId) : ILifecycleMessage;

    /// <summary>Answers <see cref="IsOpen"/>.</summary>
    public sealed record Openness(bool Open) : ILifecycleMessage;

    /// <summary>Journal event: the decision about a transition.</summary>
    public sealed record Evaluated(IncidentStep Step) : ILifecycleMessage;

    /// <summary>Journal event: the broker has this record of an incident.</summary>
    public sealed record Published(string IncidentId, int Seq) : ILifecycleMessage;

    /// <summary>Journal snapshot: the whole state.</summary>
    public sealed record Memory(IncidentSnapshot State) : ILifecycleMessage;

    /// <summary>From the journal: the recovered state. Never leaves the node.</summary>
    public sealed record Recovered(IncidentState State) : INoSerializationVerificationNeeded;

    /// <summary>To the journal: replace the state. Never leaves the node.</summary>
    public sealed record Replace(IncidentSnapshot State) : INoSerializationVerificationNeeded;

    /// <summary>To the actor, and from it to the journal: write what is under way, then stop. Never leaves the node.</summary>
    public sealed record Finish : INoSerializationVerificationNeeded
    {
        /// <summary>The one instance.</summary>
        public static Finish Instance { get; } = new();
    }

    /// <summary>From the journal: everything is written. Never leaves the node.</summary>
    public sealed record Finished : INoSerializationVerificationNeeded
    {
        /// <summary>The one instance.</summary>
        public static Finished Instance { get; } = new();
    }

    /// <summary>The producer's answer. Never leaves the node.</summary>
    public sealed record Delivered(string IncidentId, int Seq, string? Error) : INoSerializationVerificationNeeded;
}
