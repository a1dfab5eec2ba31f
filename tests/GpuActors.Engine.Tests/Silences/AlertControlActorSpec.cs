using Akka.Actor;
using GpuActors.Core.Alerts;
using GpuActors.Core.Silences;
using GpuActors.Engine.Silences;
using GpuActors.Testing;
using Xunit;
using static GpuActors.Engine.Protocol.AlertControlProtocol;

namespace GpuActors.Engine.Tests.Silences;

public sealed class AlertControlActorSpec : ActorSpec
{
    public AlertControlActorSpec()
        : base(
            """
            akka.loglevel = WARNING
            akka.persistence.journal.plugin = "akka.persistence.journal.inmem"
            akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.inmem"
            """
        ) { }

    [Fact]
    public async Task What_was_asked_for_is_there_after_a_restart()
    {
        var control = Start();
        Assert.Null((await Do(control, new AlertControlCommand.Acknowledge(AlertId.Parse("a1"), "ann", "on it"))).Problem);
        Assert.Null((await Do(control, new AlertControlCommand.Add(Silence("s1")))).Problem);
        await Stop(control);

        control = Start();

        Assert.Contains("s1", (await Do(control, new AlertControlCommand.Add(Silence("s1")))).Problem, StringComparison.Ordinal);
        Assert.Null((await Do(control, new AlertControlCommand.Unacknowledge(AlertId.Parse("a1")))).Problem);
        Assert.True((await Do(control, new AlertControlCommand.Unacknowledge(AlertId.Parse("a1")))).IsMissing);
    }

    [Fact]
    public async Task A_node_gets_a_copy_at_once_and_after_each_change_and_none_that_it_has()
    {
        var control = Start();
        control.Tell(new Subscribe(-1), TestActor);
        var first = await ExpectMsgAsync<Copy>();
        Assert.Empty(first.State.Acknowledgements);

        await Do(control, new AlertControlCommand.Acknowledge(AlertId.Parse("a1"), "ann", ""));
        var second = await ExpectMsgAsync<Copy>();
        Assert.Equal("a1", Assert.Single(second.State.Acknowledgements).AlertId.Value);
        Assert.True(second.Version > first.Version);

        control.Tell(new Subscribe(second.Version), TestActor);
        await Do(control, new AlertControlCommand.Expire("no"));
        await ExpectNoMsgAsync(TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public async Task Snapshots_lose_nothing()
    {
        var control = Start();
        for (var n = 0; n < 450; n++)
        {
            await Do(control, new AlertControlCommand.Acknowledge(AlertId.Parse($"a{n}"), "ann", ""));
        }

        await Stop(control);
        control = Start();
        control.Tell(new Subscribe(-1), TestActor);

        Assert.Equal(450, (await ExpectMsgAsync<Copy>()).State.Acknowledgements.Count);
    }

    [Fact]
    public async Task A_nodes_copy_answers_and_comes_back_after_a_restart_of_the_keeper()
    {
        var holder = new AlertControlViewHolder();
        Assert.Null(holder.Current.AcknowledgementOf(AlertId.Parse("a1")));
        var control = Start();
        Sys.ActorOf(AlertControlCopy.Props(control, holder));

        await Do(control, new AlertControlCommand.Acknowledge(AlertId.Parse("a1"), "ann", ""));

        await Eventually.Until(() => holder.Current.AcknowledgementOf(AlertId.Parse("a1")) is { By: "ann" });
    }

    private static Silence Silence(string id) =>
        new(
            id,
            [new SilenceMatcher("host", "n1")],
            0,
            TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds(),
            "ann",
            "",
            SilenceKind.Silence
        );

    private static Task<Executed> Do(IActorRef control, AlertControlCommand command) =>
        control.Ask<Executed>(new Execute(command), Eventually.Limit);

    private IActorRef Start() => Sys.ActorOf(AlertControlActor.Props(TimeProvider.System));

    private async Task Stop(IActorRef actor)
    {
        await WatchAsync(actor);
        actor.Tell(PoisonPill.Instance);
        await ExpectTerminatedAsync(actor);
    }
}
