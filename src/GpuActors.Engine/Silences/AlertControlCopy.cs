using Akka.Actor;
using GpuActors.Core.Silences;
using static GpuActors.Engine.Protocol.AlertControlProtocol;

namespace GpuActors.Engine.Silences;

/// <summary>
/// Keeps this node's copy of acknowledgements and silences: asks at start and now and then, which is how it comes back after a fail-over or
/// a broken connection, and takes what is sent after each change.
/// </summary>
internal sealed class AlertControlCopy : UntypedActor, IWithTimers
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private readonly IActorRef _control;
    private readonly AlertControlViewHolder _holder;
    private long _version = -1;

    public AlertControlCopy(IActorRef control, AlertControlViewHolder holder)
    {
        _control = control;
        _holder = holder;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(IActorRef control, AlertControlViewHolder holder) =>
        Akka.Actor.Props.Create(() => new AlertControlCopy(control, holder));

    protected override void PreStart() => Timers.StartPeriodicTimer("ask", Tick.Ask, TimeSpan.Zero, Interval);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Tick.Ask:
                _control.Tell(new Subscribe(_version));
                break;
            case Copy copy:
                _version = copy.Version;
                _holder.Current = new AlertControlView(copy.State);
                break;
        }
    }

    private enum Tick
    {
        Ask,
    }
}
