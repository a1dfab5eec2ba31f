using GpuActors.Core.Alerts;

namespace GpuActors.Core.Notify;

/// <summary>What pages and when (<c>gpu-actors.notify</c>).</summary>
public sealed record NotifySettings
{
    /// <summary>Lowest severity that pages. Default critical.</summary>
    public AlertSeverity PageSeverity { get; init; } = AlertSeverity.Critical;

    /// <summary>How long after its last page an incident that nobody has acknowledged pages again; 0 = never. Default 4 hours.</summary>
    public TimeSpan RemindAfter { get; init; } = TimeSpan.FromHours(4);

    /// <summary>
    /// An alert of the same cause and place within this time after an incident is over opens it again. Default 10 minutes.
    /// </summary>
    public TimeSpan ReopenWithin { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How often an incident that opens again pages for it within 24 hours; further times wait for the reminder. Default 6: a fault that
    /// comes and goes must not page all night.
    /// </summary>
    public int ReopensPerDay { get; init; } = 6;

    /// <summary>How long the record of a resolved incident is kept. Default 7 days.</summary>
    public TimeSpan KeepResolved { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Checks the ranges.</summary>
    /// <returns>What is wrong, each with key, value and remedy; empty when all is well.</returns>
    public IEnumerable<string> Validate()
    {
        if (RemindAfter < TimeSpan.Zero)
        {
            yield return $"remind-after = {RemindAfter}: must be at least 0; 0 switches the reminder off";
        }

        if (ReopenWithin < TimeSpan.Zero)
        {
            yield return $"reopen-within = {ReopenWithin}: must be at least 0";
        }

        if (ReopensPerDay < 0)
        {
            yield return $"reopens-per-day = {ReopensPerDay}: must be at least 0";
        }

        if (KeepResolved < ReopenWithin)
        {
            yield return $"keep-resolved = {KeepResolved}: must be at least reopen-within ({ReopenWithin})";
        }
    }
}
