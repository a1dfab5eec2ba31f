using System.Text.RegularExpressions;

namespace GpuActors.Core.Silences;

/// <summary>One condition of a silence.</summary>
/// <param name="Name">Field of an alert: <c>rule</c>, <c>gpu</c>, <c>severity</c>, <c>alert_id</c> or a label such as <c>host</c>.</param>
/// <param name="Value">The text it must have, or a regular expression that must match all of it.</param>
/// <param name="IsRegex">Which of the two.</param>
public sealed record SilenceMatcher(string Name, string Value, bool IsRegex = false)
{
    private const int MaxName = 100;
    private const int MaxValue = 500;

    // A safeguard: matching takes linear time. Long enough for the first match on a busy machine.
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Checks it. Returns the problem, or null when it is valid.</summary>
    public string? Problem()
    {
        if (string.IsNullOrWhiteSpace(Name) || Name.Length > MaxName)
        {
            return $"matcher '{Name}': a name of 1 to {MaxName} characters is wanted: rule, gpu, severity, alert_id or a label such as "
                + "host";
        }

        if (string.IsNullOrEmpty(Value) || Value.Length > MaxValue)
        {
            return $"matcher {Name}: the value must have 1 to {MaxValue} characters";
        }

        try
        {
            _ = IsRegex ? Regex() : null;
            return null;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return $"matcher {Name} = {Value}: not a supported regular expression: {e.Message}";
        }
    }

    /// <summary>The regular expression, anchored at both ends.</summary>
    /// <exception cref="ArgumentException">The value is not a regular expression.</exception>
    /// <exception cref="NotSupportedException">The value uses look-around or back-references.</exception>
    internal Regex Regex() => new($"^(?:{Value})\\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, MatchTimeout);

    /// <summary>Whether a value meets the condition. False for an expression that is not valid.</summary>
    public bool Matches(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        try
        {
            return IsRegex ? Regex().IsMatch(value) : value == Value;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or RegexMatchTimeoutException)
        {
            return false;
        }
    }

    /// <summary>As an operator writes it: <c>host=n1</c>, <c>host=~n[0-9]+</c>.</summary>
    public override string ToString() => $"{Name}{(IsRegex ? "=~" : "=")}{Value}";

    /// <summary>Parses the form of <see cref="ToString"/>; null when the text does not have it.</summary>
    public static SilenceMatcher? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var at = text.IndexOf('=', StringComparison.Ordinal);
        if (at <= 0)
        {
            return null;
        }

        var regex = at + 1 < text.Length && text[at + 1] == '~';
        return new SilenceMatcher(text[..at].Trim(), text[(at + (regex ? 2 : 1))..].Trim(), regex);
    }
}
