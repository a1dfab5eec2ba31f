using GpuActors.Core.Alerts;

namespace GpuActors.Engine.Protocol;

/// <summary>Messages between a node with the role api and the nodes that detect, about open alerts.</summary>
internal static class OpenAlertProtocol
{
    /// <summary>Maximum number of alerts in one answer: about 600 bytes each, far below the largest message.</summary>
    public const int MostAlerts = 2000;

    /// <summary>Asks for open alerts whose fields have these values. Answered by <see cref="OpenAlertList"/>.</summary>
    public sealed record GetOpenAlerts(IReadOnlyDictionary<string, string> Where, int Limit) : ILifecycleMessage;

    /// <summary>Answers <see cref="GetOpenAlerts"/>: the oldest, and how many there are in all.</summary>
    public sealed record OpenAlertList(IReadOnlyList<OpenAlert> Alerts, int Total) : ILifecycleMessage;
}
