using GpuActors.Core.Alerts;
using GpuActors.Core.Logs;
using GpuActors.Core.Rules;

namespace GpuActors.Core.Gpus;

// The kernel's log: the best source of XIDs, since it repeats what repeats and forgets nothing.
public sealed partial class GpuState
{
    private Watermarks _seenLogs;

    /// <summary>Applies a line of the kernel's log, and appends the transitions it causes.</summary>
    /// <param name="line">The line.</param>
    /// <param name="partition">Partition of <c>gpu-logs</c> that it came from.</param>
    /// <param name="offset">Its offset there.</param>
    /// <param name="appendTimeMs">When Kafka appended it, Unix milliseconds.</param>
    /// <param name="rules">Rules in force.</param>
    /// <param name="transitions">Takes the transitions.</param>
    /// <returns>False when the line's offset had been seen: a replay changes nothing.</returns>
    public bool Apply(KernelLogEvent line, int partition, long offset, long appendTimeMs, RuleSettings rules, List<AlertTransition> transitions)
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(transitions);
        if (!_seenLogs.Advance(partition, offset))
        {
            return false;
        }

        if (rules.Xid.Enabled && rules.XidPolicy.For(line.Code).Severity is not null)
        {
            _xids.TryAdd(line.Code, default);
            StepXid(new Judgement(line.TimeMs, appendTimeMs, transitions), rules, line.Code, occurred: true, setBack: false);
        }

        return true;
    }
}
