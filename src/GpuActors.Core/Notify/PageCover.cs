namespace GpuActors.Core.Notify;

/// <summary>How an open alert of a severity that pages has been told to a person.</summary>
public enum PageCover : byte
{
    /// <summary>Not yet: the next evaluation of its incident decides, or the end of the window after a page.</summary>
    None,

    /// <summary>A page was about it, or it joined an incident that had paged for the same GPU or host.</summary>
    Told,

    /// <summary>A silence covers it.</summary>
    Silenced,

    /// <summary>Somebody has acknowledged it.</summary>
    Acknowledged,
}
