namespace GpuActors.Core.Notify;

/// <summary>Why a page is sent; on the wire in snake case.</summary>
public enum PageReason : byte
{
    /// <summary>The incident has its first alert that pages.</summary>
    Opened,

    /// <summary>Alerts of a higher severity, of another cause or on other hosts or GPUs have joined.</summary>
    Widened,

    /// <summary>A silence or maintenance has ended while the fault lasts.</summary>
    SilenceEnded,

    /// <summary>
    /// Nobody has acknowledged the fault: an acknowledgement was withdrawn, or <see cref="NotifySettings.RemindAfter"/> has passed since
    /// the last page.
    /// </summary>
    Unacknowledged,

    /// <summary>The fault has come back within <see cref="NotifySettings.ReopenWithin"/> after it was over.</summary>
    Reopened,

    /// <summary>All alerts have resolved. It wakes nobody.</summary>
    Resolved,
}
