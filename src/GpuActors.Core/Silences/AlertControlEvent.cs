using System.Text.Json.Serialization;
using GpuActors.Core.Alerts;

namespace GpuActors.Core.Silences;

/// <summary>A change of acknowledgements or silences, as the journal keeps it.</summary>
/// <param name="AtMs">When, Unix milliseconds.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Acknowledged), "acknowledged")]
[JsonDerivedType(typeof(Unacknowledged), "unacknowledged")]
[JsonDerivedType(typeof(Resolved), "resolved")]
[JsonDerivedType(typeof(Added), "added")]
[JsonDerivedType(typeof(Expired), "expired")]
public abstract record AlertControlEvent(long AtMs)
{
    /// <summary>An alert was acknowledged.</summary>
    /// <param name="AlertId">The alert.</param>
    /// <param name="By">Who.</param>
    /// <param name="Comment">What they say.</param>
    /// <param name="AtMs">When, Unix milliseconds.</param>
    public sealed record Acknowledged(AlertId AlertId, string By, string Comment, long AtMs) : AlertControlEvent(AtMs);

    /// <summary>An acknowledgement was removed.</summary>
    /// <param name="AlertId">The alert.</param>
    /// <param name="AtMs">When, Unix milliseconds.</param>
    public sealed record Unacknowledged(AlertId AlertId, long AtMs) : AlertControlEvent(AtMs);

    /// <summary>An acknowledged alert resolved.</summary>
    /// <param name="AlertId">The alert.</param>
    /// <param name="AtMs">When, Unix milliseconds.</param>
    public sealed record Resolved(AlertId AlertId, long AtMs) : AlertControlEvent(AtMs);

    /// <summary>A silence was added.</summary>
    /// <param name="Silence">It.</param>
    /// <param name="AtMs">When, Unix milliseconds.</param>
    public sealed record Added(Silence Silence, long AtMs) : AlertControlEvent(AtMs);

    /// <summary>A silence was ended.</summary>
    /// <param name="SilenceId">Which.</param>
    /// <param name="AtMs">When, Unix milliseconds.</param>
    public sealed record Expired(string SilenceId, long AtMs) : AlertControlEvent(AtMs);
}
