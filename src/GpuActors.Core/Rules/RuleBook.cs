namespace GpuActors.Core.Rules;

/// <summary>
/// The settings in force for all GPUs of a process. They are replaced as a whole while it runs. Thread-safe.
/// </summary>
public sealed class RuleBook(RuleSettings rules)
{
    private volatile RuleSettings _current = rules;

    /// <summary>The settings in force now. One evaluation has to read them once.</summary>
    public RuleSettings Current => _current;

    /// <summary>Puts other settings into force. They must have been validated.</summary>
    public void Replace(RuleSettings rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        _current = rules;
    }
}
