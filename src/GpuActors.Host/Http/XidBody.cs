using GpuActors.Core.Xids;
using GpuActors.Host.Configuration;

namespace GpuActors.Host.Http;

/// <summary>One line of a GPU's XID ledger.</summary>
internal sealed record XidBody
{
    /// <summary>The XID.</summary>
    public required int Code { get; init; }

    /// <summary>Occurrences.</summary>
    public required long Count { get; init; }

    /// <summary>Time of the first.</summary>
    public required DateTimeOffset First { get; init; }

    /// <summary>Time of the last.</summary>
    public required DateTimeOffset Last { get; init; }

    /// <summary>The best source that saw it: <c>gauge</c>, <c>windowed-count</c> or <c>kernel-log</c>.</summary>
    public required string Source { get; init; }

    public static XidBody Of(XidRecord xid) =>
        new()
        {
            Code = xid.Code,
            Count = xid.Count,
            First = DateTimeOffset.FromUnixTimeMilliseconds(xid.FirstMs),
            Last = DateTimeOffset.FromUnixTimeMilliseconds(xid.LastMs),
            Source = KebabCase.Of(xid.Source.ToString()),
        };
}
