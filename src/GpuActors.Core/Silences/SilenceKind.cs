namespace GpuActors.Core.Silences;

/// <summary>Why alerts are silenced; on the wire in lower case.</summary>
public enum SilenceKind : byte
{
    /// <summary>Somebody knows of them.</summary>
    Silence,

    /// <summary>Work on the hardware is planned.</summary>
    Maintenance,
}
