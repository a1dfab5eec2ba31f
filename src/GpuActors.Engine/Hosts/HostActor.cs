using Akka.Actor;
using GpuActors.Core.Hosts;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using static GpuActors.Engine.Protocol.HostProtocol;

namespace GpuActors.Engine.Hosts;

/// <summary>
/// The actor of one host. It compares the reports of the host's GPUs, whose actors may be on any node, and determines why one of them is
/// absent by asking the others for the time of their last record.
/// </summary>
internal sealed class HostActor : UntypedActor, IWithTimers
{
    // GPUs answer within microseconds, unless their node is down.
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromMilliseconds(500);

    private readonly HostState _state = new();
    private readonly RuleBook _rules;
    private readonly Func<IActorRef> _gpus;
    private readonly Dictionary<GpuId, Inquiry> _inquiries = [];

    public HostActor(RuleBook rules, Func<IActorRef> gpus)
    {
        _rules = rules;
        _gpus = gpus;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <param name="rules">Rules in force.</param>
    /// <param name="gpus">Finds the region of GPUs, which starts after the region of hosts.</param>
    public static Props Props(RuleBook rules, Func<IActorRef> gpus) => Akka.Actor.Props.Create(() => new HostActor(rules, gpus));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Report report:
                Take(report.Content);
                break;
            case GpuRetired retired:
                _state.Retire(retired.Gpu);
                break;
            case BecameAbsent absent:
                Ask(absent);
                break;
            case Heard heard:
                foreach (var inquiry in _inquiries.Values.ToArray())
                {
                    inquiry.Answers[heard.Gpu] = heard.When;
                    if (inquiry.Answers.Count == inquiry.Asked)
                    {
                        Decide(inquiry);
                    }
                }

                break;
            case Inquiry late:
                if (_inquiries.GetValueOrDefault(late.Question.Gpu) == late)
                {
                    Decide(late);
                }

                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Take(HostReport report)
    {
        if (_state.Take(report, _rules.Current.Of(RuleCatalog.NvlinkBandwidth)) is { } verdict)
        {
            _gpus().Tell(new Peers(verdict));
        }
    }

    private void Ask(BecameAbsent absent)
    {
        // An actor that has just started, since the node of its predecessor has ended, does not know the GPUs of its host yet: each reports
        // within a minute. Without a verdict the GPU asks again.
        if (!_state.Knows(absent.Gpu))
        {
            Take(HostReport.Presence(absent.Host, absent.Gpu, absent.NowMs));
            return;
        }

        var others = _state.Gpus.Where(gpu => gpu != absent.Gpu).ToList();
        var inquiry = _inquiries[absent.Gpu] = new Inquiry(absent, others.Count);
        if (others.Count == 0)
        {
            Decide(inquiry);
            return;
        }

        foreach (var other in others)
        {
            _gpus().Tell(new WhenHeard(other), Self);
        }

        Timers.StartSingleTimer(absent.Gpu, inquiry, AnswerTimeout);
    }

    private void Decide(Inquiry inquiry)
    {
        var question = inquiry.Question;
        _ = _inquiries.Remove(question.Gpu);
        Timers.Cancel(question.Gpu);
        if (inquiry.Asked > 0 && inquiry.Answers.Count == 0)
        {
            // That none has answered says nothing about them. The GPU asks again.
            return;
        }

        _gpus()
            .Tell(
                new AbsenceVerdict(
                    question.Gpu,
                    question.NowMs,
                    HostState.CauseOfAbsence(question.LastHeardMs, question.IntervalMs, inquiry.Answers.Values, question.NowMs)
                )
            );
    }

    private sealed record Inquiry(BecameAbsent Question, int Asked) : INoSerializationVerificationNeeded
    {
        public Dictionary<GpuId, LastHeard> Answers { get; } = [];
    }
}
