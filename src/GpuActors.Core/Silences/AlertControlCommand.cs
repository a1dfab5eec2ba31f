using System.Text.Json.Serialization;
using GpuActors.Core.Alerts;

namespace GpuActors.Core.Silences;

/// <summary>A request of an operator to change acknowledgements or silences.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Acknowledge), "acknowledge")]
[JsonDerivedType(typeof(Unacknowledge), "unacknowledge")]
[JsonDerivedType(typeof(Add), "add")]
[JsonDerivedType(typeof(Expire), "expire")]
[JsonDerivedType(typeof(AcknowledgeIncident), "acknowledge_incident")]
public abstract record AlertControlCommand
{
    /// <summary>Acknowledges an alert.</summary>
    /// <param name="AlertId">The alert.</param>
    /// <param name="By">Who.</param>
    /// <param name="Comment">What they say; may be empty.</param>
    public sealed record Acknowledge(AlertId AlertId, string By, string Comment) : AlertControlCommand;

    /// <summary>Removes an acknowledgement.</summary>
    /// <param name="AlertId">The alert.</param>
    public sealed record Unacknowledge(AlertId AlertId) : AlertControlCommand;

    /// <summary>Adds a silence.</summary>
    /// <param name="Silence">What to add; its id is new.</param>
    public sealed record Add(Silence Silence) : AlertControlCommand;

    /// <summary>Ends a silence now.</summary>
    /// <param name="SilenceId">Which.</param>
    public sealed record Expire(string SilenceId) : AlertControlCommand;

    /// <summary>Acknowledges the open alerts that an incident has at this moment.</summary>
    /// <param name="IncidentId">The incident.</param>
    /// <param name="By">Who.</param>
    /// <param name="Comment">What they say; may be empty.</param>
    public sealed record AcknowledgeIncident(string IncidentId, string By, string Comment) : AlertControlCommand;
}
