using System.Runtime.InteropServices;
using GpuActors.Core.Alerts;

namespace GpuActors.Core.Gpus;

/// <summary>
/// The state machine of one alert: inactive, pending (the condition holds, but not for long enough), firing, and inactive again. Time is an
/// argument. A firing alert resolves only when its condition has been over for the clear delay, so that a flickering condition does not
/// open and close it.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal struct AlertTracker
{
    private const long Never = long.MinValue;

    private Phase _phase;
    private long _sinceMs;
    private long _overSinceMs;

    /// <summary>What a step changed.</summary>
    internal enum Change
    {
        /// <summary>Nothing.</summary>
        None,

        /// <summary>The alert opened now.</summary>
        Fired,

        /// <summary>The alert is over now.</summary>
        Resolved,
    }

    private enum Phase : byte
    {
        Inactive,
        Pending,
        Firing,
    }

    /// <summary>Sample time at which the firing alert opened.</summary>
    public long OpenedAtMs { get; private set; }

    /// <summary>Transitions of the alert so far.</summary>
    public int Seq { get; private set; }

    public readonly bool IsFiring => _phase == Phase.Firing;

    public readonly bool IsInactive => _phase == Phase.Inactive;

    /// <summary>A tracker of which only the opening time and the number of its transition are known.</summary>
    public static AlertTracker Opened(long timeMs, int seq) => new() { OpenedAtMs = timeMs, Seq = seq };

    /// <summary>A tracker of an alert as it was published.</summary>
    public static AlertTracker Recalled(long openedAtMs, int seq, bool isFiring) =>
        new()
        {
            OpenedAtMs = openedAtMs,
            Seq = seq,
            _phase = isFiring ? Phase.Firing : Phase.Inactive,
            _overSinceMs = Never,
        };

    /// <summary>The firing alert has another transition: it has become worse.</summary>
    public void Worsen() => Seq++;

    /// <summary>Closes the firing alert, whatever its condition.</summary>
    public void Close()
    {
        _phase = Phase.Inactive;
        Seq++;
    }

    /// <summary>Moves on by one evaluation of the condition.</summary>
    public Change Step(bool holds, long timeMs, TimeSpan hold, TimeSpan clearDelay)
    {
        if (_phase == Phase.Firing)
        {
            // An alert that was published is known in a replay from before its opening: what was then does not end it.
            return timeMs < OpenedAtMs ? Change.None
                : holds ? StillOn()
                : Over(timeMs, clearDelay);
        }

        if (!holds)
        {
            _phase = Phase.Inactive;
            return Change.None;
        }

        // A clock that was ahead and is right again must not keep a condition pending for as long.
        if (_phase == Phase.Inactive || timeMs < _sinceMs)
        {
            _phase = Phase.Pending;
            _sinceMs = timeMs;
        }

        return timeMs - _sinceMs >= (long)hold.TotalMilliseconds ? Fire(timeMs) : Change.None;
    }

    // Only what its phase uses: an inactive tracker is saved like one that was never evaluated.
    public readonly void Save(BinaryWriter writer)
    {
        writer.Write((byte)_phase);
        switch (_phase)
        {
            case Phase.Pending:
                writer.Write(_sinceMs);
                break;
            case Phase.Firing:
                writer.Write(_overSinceMs);
                writer.Write(OpenedAtMs);
                writer.Write7BitEncodedInt(Seq);
                break;
        }
    }

    public static AlertTracker Load(BinaryReader reader)
    {
        var phase = (Phase)reader.ReadByte();
        return phase switch
        {
            Phase.Inactive => default,
            Phase.Pending => new() { _phase = phase, _sinceMs = reader.ReadInt64() },
            Phase.Firing => new()
            {
                _phase = phase,
                _overSinceMs = reader.ReadInt64(),
                OpenedAtMs = reader.ReadInt64(),
                Seq = reader.Read7BitEncodedInt(),
            },
            _ => throw new FormatException($"{(byte)phase} is not the phase of an alert: 0, 1 or 2 is"),
        };
    }

    /// <summary>Reads the severity of an open alert: -1 for that of its rule.</summary>
    public static AlertSeverity? LoadSeverity(BinaryReader reader) =>
        reader.ReadSByte() is var severity && severity is >= -1 and <= (sbyte)AlertSeverity.Critical
            ? severity < 0
                ? null
                : (AlertSeverity)severity
            : throw new FormatException($"{severity} is not the severity of an alert: -1 to {(int)AlertSeverity.Critical} is");

    private Change Fire(long timeMs)
    {
        _phase = Phase.Firing;
        _overSinceMs = Never;
        OpenedAtMs = timeMs;
        Seq = 1;
        return Change.Fired;
    }

    private Change StillOn()
    {
        _overSinceMs = Never;
        return Change.None;
    }

    private Change Over(long timeMs, TimeSpan clearDelay)
    {
        if (_overSinceMs == Never)
        {
            _overSinceMs = timeMs;
        }

        if (timeMs - _overSinceMs < (long)clearDelay.TotalMilliseconds)
        {
            return Change.None;
        }

        _phase = Phase.Inactive;
        Seq++;
        return Change.Resolved;
    }
}
