namespace GpuActors.Core.Silences;

/// <summary>Why alerts are silenced; on the wire in lower case.</summary>
public enum SilenceKind : byte
{
    /// <summary>The alerts are known.</summary>
    Silence,

    /// <summary>Work on the hardware is planned.</summary>
    Maintenance,
}
