using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Event;
using Akka.Pattern;
using GpuActors.Core.Alerts;
using GpuActors.Core.Notify;
using GpuActors.Core.Silences;
using static GpuActors.Engine.Protocol.NotifyProtocol;

namespace GpuActors.Engine.Notify;

/// <summary>
/// NOTIFY: decides which alerts are one incident and when a person is paged. It is the active one of a cluster singleton, and works in
/// rounds: read transitions, carry out commands, decide, publish all of it in one transaction, answer the commands. After any failure it
/// starts again from what was published.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "An actor frees what it has when it stops")]
internal sealed class NotifyActor : UntypedActor, IWithUnboundedStash
{
    private const int MostTransitions = 1_000;
    private static readonly TimeSpan IdleWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MinBackoff = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(10);

    private readonly NotifyOptions _options;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly NotifyState _state;
    private readonly INotifyLog _topics;
    private readonly List<(AlertControlCommand Command, IActorRef Asker)> _commands = [];
    private readonly List<(AlertControlOutcome Outcome, IActorRef Asker)> _answers = [];

    public NotifyActor(NotifyOptions options)
    {
        _options = options;
        _state = new NotifyState(options.Incidents, options.Settings);
        _topics = options.Connect();
    }

    public IStash Stash { get; set; } = null!;

    private long Now => _options.Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The actor under a supervisor that starts it again after a failure.</summary>
    public static Props Props(NotifyOptions options) =>
        BackoffSupervisor.Props(
            Backoff.OnFailure(Akka.Actor.Props.Create(() => new NotifyActor(options)), "active", MinBackoff, MaxBackoff, 0.2, -1)
        );

    protected override void PreStart()
    {
        _topics.OpenAsync(_state, _stopping.Token).PipeTo(Self, Self, () => Opened.Instance, error => new Failed(error));
        Become(Opening);
    }

    protected override void PostStop()
    {
        _options.Metrics.NotifyOpen(0, 0);
        _stopping.Cancel();
        // It may still be at work; what it does is fenced when another one opens the topics.
        _ = _topics.DisposeAsync().AsTask();
        _stopping.Dispose();
    }

    private void Opening(object message)
    {
        switch (message)
        {
            case Opened:
                _log.Info("NOTIFY is active here, with {0} open alerts and {1} open incidents", _state.OpenAlerts, _state.OpenIncidents);
                Become(OnReceive);
                Stash.UnstashAll();
                Read();
                break;
            case Failed failed:
                Throw(failed.Error);
                break;
            default:
                Stash.Stash();
                break;
        }
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Transitions read:
                Decide(read.Alerts);
                break;
            case Published published:
                _options.Metrics.Troubles.Over("notify", "publishing");
                Answer(published);
                Read();
                break;
            case Failed failed:
                Throw(failed.Error);
                break;
            case Execute execute:
                _commands.Add((execute.Command, Sender));
                break;
            case GetOpenAlerts get:
                Sender.Tell(List(_state.Alerts().Where(open => HasFields(open.Alert, get.Where)), get.Limit));
                break;
            case PreviewSilence preview:
                Sender.Tell(List(_state.Preview(preview.Silence), preview.Limit));
                break;
            case GetIncidents get:
                Sender.Tell(
                    new IncidentList([
                        .. _state
                            .Incidents(get.OpenOnly)
                            .Take(get.Limit)
                            .Select(i => i with { Members = [.. i.Members.Take(get.MembersEach)] }),
                    ])
                );
                break;
            case GetIncident get:
                Sender.Tell(new FoundIncident(_state.FindIncident(get.IncidentId)));
                break;
            case GetControl:
                Sender.Tell(new ControlList(_state.Control.Snapshot));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Read()
    {
        var untilDue = _state.NextDueMs is { } due ? TimeSpan.FromMilliseconds(Math.Max(0, due - Now)) : IdleWait;
        var wait =
            _commands.Count > 0 ? TimeSpan.Zero
            : untilDue < IdleWait ? untilDue
            : IdleWait;
        _topics
            .ReadAsync(MostTransitions, wait, _stopping.Token)
            .PipeTo(Self, Self, alerts => new Transitions(alerts), error => new Failed(error));
    }

    private void Decide(IReadOnlyList<AlertTransition> alerts)
    {
        var now = Now;
        foreach (var alert in alerts)
        {
            _state.Apply(alert, now);
        }

        // An alert that opens here may have resolved in what has not been read yet.
        if (!_topics.HasCaughtUp)
        {
            Read();
            return;
        }

        foreach (var (command, asker) in _commands)
        {
            _answers.Add((_state.Execute(command, now), asker));
        }

        _commands.Clear();
        var changes = _state.Decide(now);
        _topics.PublishAsync(changes, _stopping.Token).PipeTo(Self, Self, () => new Published(changes.Pages), error => new Failed(error));
    }

    private void Answer(Published published)
    {
        foreach (var (outcome, asker) in _answers)
        {
            asker.Tell(new Executed(outcome.Problem, outcome.IsMissing));
        }

        _answers.Clear();
        _options.Metrics.NotifyOpen(_state.OpenAlerts, _state.OpenIncidents);
        foreach (var page in published.Pages)
        {
            _options.Metrics.Paged(page);
        }
    }

    private OpenAlertList List(IEnumerable<NotifiedAlert> alerts, int limit)
    {
        var found = alerts.ToList();
        var now = Now;
        return new OpenAlertList([.. found.Take(limit).Select(open => Annotated(open, now))], found.Count);
    }

    private OpenAlert Annotated(NotifiedAlert open, long now) =>
        _state.Control.Annotate(OpenAlert.Of(open.Alert) with { IncidentId = open.IncidentId }, now);

    private static bool HasFields(IAlert alert, IReadOnlyDictionary<string, string> where) =>
        where.All(field => alert.Field(field.Key) == field.Value);

    // The commands of this round are not answered: whoever asked hears nothing and asks again.
    private void Throw(Exception error)
    {
        _log.Warning("NOTIFY starts again from what was published: {0}", error.Message);
        _options.Metrics.Troubles.Failed("notify", "publishing", error.Message);
        if (error is NotifyFencedException)
        {
            _options.OnFenced?.Invoke();
        }

        throw new NotifyFailedException(error.Message, error);
    }

    private sealed record Opened : INoSerializationVerificationNeeded
    {
        public static Opened Instance { get; } = new();
    }

    private sealed record Transitions(IReadOnlyList<AlertTransition> Alerts) : INoSerializationVerificationNeeded;

    private sealed record Published(IReadOnlyList<Page> Pages) : INoSerializationVerificationNeeded;

    private sealed record Failed(Exception Error) : INoSerializationVerificationNeeded;
}
