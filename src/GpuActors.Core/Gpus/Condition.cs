using System.Numerics;
using GpuActors.Core.Alerts;
using GpuActors.Core.Rules;

namespace GpuActors.Core.Gpus;

/// <summary>
/// The state of one rule on one GPU: whether its condition held in the last samples, its alert, and whether that alert flaps.
/// <c>default</c> is a rule that was never evaluated.
/// </summary>
internal struct Condition
{
    /// <summary>The alert.</summary>
    public AlertTracker Tracker;

    private ulong _history; // Newest sample in the lowest bit.
    private long[]? _openings; // The last ones, oldest first.

    /// <summary>Sample time since which the alert flaps; 0 when it does not.</summary>
    public long FlapsSinceMs { get; private set; }

    /// <summary>Severity that the open alert was published with, where it is not the rule's; null for the rule's.</summary>
    public AlertSeverity? Severity { get; set; }

    /// <summary>True when the condition has not held lately and no alert is open or pending, which is the usual case.</summary>
    public readonly bool IsQuiet => _history == 0 && Tracker.IsInactive;

    /// <summary>True when past openings are remembered, to detect flapping.</summary>
    public readonly bool HasOpened => _openings is not null;

    /// <summary>Samples in which the condition held, of the last <paramref name="of"/>.</summary>
    public readonly int Held(int of) => BitOperations.PopCount(of >= 64 ? _history : _history & ((1UL << of) - 1));

    /// <summary>Moves on by one sample.</summary>
    public AlertTracker.Change Step(bool holds, long timeMs, AlertRuleSettings rule, FlapSettings flap, bool inBootGrace)
    {
        if (inBootGrace && !Tracker.IsFiring)
        {
            holds = false;
            _history = 0;
        }

        _history = (_history << 1) | (holds ? 1UL : 0);
        var open = rule.Enabled && (Tracker.IsFiring ? holds : Held(rule.Of) >= rule.Required);
        var clearDelay = FlapsSinceMs == 0 || flap.Stable < rule.ClearDelay ? rule.ClearDelay : flap.Stable;
        var change = Tracker.Step(open, timeMs, rule.Hold, clearDelay);
        if (change == AlertTracker.Change.Resolved)
        {
            _history = 0;
        }

        return change;
    }

    /// <summary>Notes that the alert has opened.</summary>
    /// <returns>True when it flaps from now on.</returns>
    public bool Opened(long timeMs, FlapSettings flap)
    {
        if (!flap.Enabled || FlapsSinceMs != 0)
        {
            return false;
        }

        if (_openings is null || _openings.Length != flap.Openings)
        {
            _openings = new long[flap.Openings];
            Array.Fill(_openings, long.MinValue / 2);
        }

        Array.Copy(_openings, 1, _openings, 0, _openings.Length - 1);
        _openings[^1] = timeMs;
        FlapsSinceMs = timeMs - _openings[0] <= (long)flap.Window.TotalMilliseconds ? timeMs : 0;
        return FlapsSinceMs != 0;
    }

    /// <summary>The alert was published as flapping.</summary>
    public void RecallFlapping(long sinceMs) => FlapsSinceMs = sinceMs;

    /// <summary>Ends the flapping: the alert has been over for long enough.</summary>
    public void Settled()
    {
        FlapsSinceMs = 0;
        _openings = null;
    }

    public readonly void Save(BinaryWriter writer)
    {
        Tracker.Save(writer);
        writer.Write((sbyte)(Severity is null ? -1 : (int)Severity));
        writer.Write(_history);
        writer.Write(FlapsSinceMs);
        writer.Write((byte)(_openings?.Length ?? 0));
        foreach (var opening in _openings ?? [])
        {
            writer.Write(opening);
        }
    }

    public static Condition Load(BinaryReader reader)
    {
        var tracker = AlertTracker.Load(reader);
        var severity = AlertTracker.LoadSeverity(reader);
        var condition = new Condition
        {
            Tracker = tracker,
            Severity = severity,
            _history = reader.ReadUInt64(),
            FlapsSinceMs = reader.ReadInt64(),
        };
        if (reader.ReadByte() is var openings and > 0)
        {
            condition._openings = new long[openings];
            for (var i = 0; i < openings; i++)
            {
                condition._openings[i] = reader.ReadInt64();
            }
        }

        return condition;
    }
}
