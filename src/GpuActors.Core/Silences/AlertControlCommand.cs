using System.Text.Json.Serialization;
using GpuActors.Core.Alerts;

namespace GpuActors.Core.Silences;

/// <summary>What an operator asks for, and what the engine notes.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Acknowledge), "acknowledge")]
[JsonDerivedType(typeof(Unacknowledge), "unacknowledge")]
[JsonDerivedType(typeof(Add), "add")]
[JsonDerivedType(typeof(Expire), "expire")]
[JsonDerivedType(typeof(NoteResolved), "note_resolved")]
public abstract record AlertControlCommand
{
    /// <summary>Somebody looks after an alert.</summary>
    /// <param name="AlertId">The alert.</param>
    /// <param name="By">Who.</param>
    /// <param name="Comment">What they say; may be empty.</param>
    public sealed record Acknowledge(AlertId AlertId, string By, string Comment) : AlertControlCommand;

    /// <summary>Nobody looks after an alert any more.</summary>
    /// <param name="AlertId">The alert.</param>
    public sealed record Unacknowledge(AlertId AlertId) : AlertControlCommand;

    /// <summary>Silence alerts.</summary>
    /// <param name="Silence">What to add; its id is new.</param>
    public sealed record Add(Silence Silence) : AlertControlCommand;

    /// <summary>End a silence now.</summary>
    /// <param name="SilenceId">Which.</param>
    public sealed record Expire(string SilenceId) : AlertControlCommand;

    /// <summary>An alert resolved: its acknowledgement is kept for a while only.</summary>
    /// <param name="AlertId">The alert.</param>
    public sealed record NoteResolved(AlertId AlertId) : AlertControlCommand;
}
