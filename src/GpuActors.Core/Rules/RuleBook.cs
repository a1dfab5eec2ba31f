namespace GpuActors.Core.Rules;

/// <summary>
/// The rules in force, as a whole and for all GPUs of a process: they change while it runs, and never by halves. Thread-safe.
/// </summary>
public sealed class RuleBook(RuleSettings rules)
{
    private volatile RuleSettings _current = rules;

    /// <summary>The rules in force now. Whoever judges takes them once a judgement.</summary>
    public RuleSettings Current => _current;

    /// <summary>Puts other rules into force. They must have been validated.</summary>
    public void Replace(RuleSettings rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        _current = rules;
    }
}
