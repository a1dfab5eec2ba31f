using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Incidents;
using GpuActors.Core.Notify;
using GpuActors.Core.Silences;

namespace GpuActors.Core.Tests.Notify;

/// <summary>NOTIFY in memory: a state, and the topics that its decisions are published to, as encoded records.</summary>
internal sealed class Pager(IncidentSettings? incidents = null, NotifySettings? notify = null)
{
    private readonly IncidentSettings _incidents = incidents ?? new();
    private readonly NotifySettings _notify = notify ?? new();
    private NotifyState? _state;

    public NotifyState State => _state ??= new NotifyState(_incidents, _notify);

    public IReadOnlyList<Page> Pages => Topics.Pages;

    public InMemoryNotifyTopics Topics { get; private init; } = new();

    /// <summary>Alerts fire and a decision is made; returns the reasons of its pages.</summary>
    public IReadOnlyList<string> Fire(long nowMs, params AlertTransition[] alerts)
    {
        foreach (var alert in alerts)
        {
            State.Apply(alert, nowMs);
        }

        return Decide(nowMs);
    }

    public IReadOnlyList<string> Resolve(long nowMs, AlertTransition alert) => Fire(nowMs, Fleet.Resolved(alert, nowMs / 1000));

    public IReadOnlyList<string> Do(long nowMs, AlertControlCommand command)
    {
        Assert.Null(State.Execute(command, nowMs).Problem);
        return Decide(nowMs);
    }

    public IReadOnlyList<string> Decide(long nowMs)
    {
        var changes = State.Decide(nowMs);
        Topics.Take(changes);
        return [.. changes.Pages.Select(page => NotifyCodec.NameOf(page.Reason))];
    }

    /// <summary>A successor that has read the topics.</summary>
    public Pager Restored()
    {
        var successor = new Pager(_incidents, _notify) { Topics = Topics };
        Topics.RestoreInto(successor.State);
        return successor;
    }
}
