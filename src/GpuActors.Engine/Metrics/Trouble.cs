namespace GpuActors.Engine.Metrics;

/// <summary>Work of a role that does not get on.</summary>
/// <param name="Role">The role.</param>
/// <param name="What">The work.</param>
/// <param name="Cause">Why, in words.</param>
/// <param name="Age">Since when.</param>
/// <param name="Reports">How often it was reported since.</param>
public sealed record Trouble(string Role, string What, string Cause, TimeSpan Age, int Reports)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Role}: {What} has not got on for {Age.TotalSeconds:F0} s: {Cause}");
}
