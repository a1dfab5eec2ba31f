using GpuActors.Core.Alerts;
using GpuActors.Core.Notify;

namespace GpuActors.Core.Tests.Notify;

/// <summary>
/// What must hold after every decision, told from what happened and what was paged, without the rules of the implementation.
/// </summary>
internal sealed class PageModel
{
    private const long Window = 2 * Durations.MinuteMs;
    private readonly HashSet<string> _pageIds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long AtMs, AlertId[] Alerts, AlertSeverity Severity)> _lastPage = new(StringComparer.Ordinal);
    private readonly HashSet<AlertId> _wasSuppressed = [];

    public void Check(Pager pager, IReadOnlyList<Page> pages, long nowMs)
    {
        var open = pager.State.Alerts().ToList();
        foreach (var page in pages)
        {
            Assert.True(_pageIds.Add(page.PageId), $"{page.PageId} is sent twice");
            if (page.Wakes)
            {
                CheckReason(page, nowMs);
                _lastPage[page.IncidentId] = (nowMs, [.. page.Alerts.Select(a => a.AlertId)], page.Severity);
                foreach (var alert in page.Alerts)
                {
                    Assert.False(IsSuppressed(open.Single(a => a.Alert.AlertId == alert.AlertId)));
                    _wasSuppressed.Remove(alert.AlertId);
                }
            }
        }

        Assert.True(pages.GroupBy(p => p.IncidentId).All(g => g.Count(p => p.Wakes) <= 1), "an incident pages twice at one moment");
        foreach (var alert in open.Where(IsUrgent))
        {
            Assert.True(_lastPage.ContainsKey(alert.IncidentId), $"{alert.Alert.AlertId} is urgent, and its incident has never paged");
            Assert.True(
                nowMs - _lastPage[alert.IncidentId].AtMs < Durations.HourMs * 4 || pager.State.FindIncident(alert.IncidentId)!.Pages > 6,
                $"{alert.Alert.AlertId} has gone without a reminder for four hours"
            );
            // Only the window after a page may leave one untold.
            Assert.True(alert.Cover == PageCover.Told || nowMs - _lastPage[alert.IncidentId].AtMs < Window);
        }

        foreach (var alert in open.Where(IsSuppressed))
        {
            _wasSuppressed.Add(alert.Alert.AlertId);
        }
    }

    private void CheckReason(Page page, long nowMs)
    {
        var last = _lastPage.TryGetValue(page.IncidentId, out var found) ? found : default;
        switch (page.Reason)
        {
            case PageReason.Opened:
                Assert.True(last.Alerts is null, "an incident opens once");
                break;
            case PageReason.Widened:
                Assert.True(page.Alerts.Any(a => !last.Alerts!.Contains(a.AlertId)), "a page is widened by nothing new");
                break;
            case PageReason.SilenceEnded:
                Assert.Contains(page.Alerts, a => _wasSuppressed.Contains(a.AlertId));
                break;
            case PageReason.Unacknowledged:
                Assert.True(
                    nowMs - last.AtMs >= 4 * Durations.HourMs || page.Alerts.Any(a => _wasSuppressed.Contains(a.AlertId)),
                    "a reminder comes too early"
                );
                break;
            case PageReason.Reopened:
                Assert.NotNull(last.Alerts);
                break;
        }
    }

    private static bool IsUrgent(NotifiedAlert alert) => alert.Alert.Severity == AlertSeverity.Critical && !IsSuppressed(alert);

    private static bool IsSuppressed(NotifiedAlert alert) => alert.SilencedBy is not null || alert.AcknowledgedBy is not null;
}
