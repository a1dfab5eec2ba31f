using System.Runtime.Serialization;
using Akka.Actor;
using Akka.TestKit;
using GpuActors.Core.Hosts;
using GpuActors.Core.Rules;
using GpuActors.Engine.Composition;
using GpuActors.Engine.Hosts;
using GpuActors.Engine.Protocol;
using Xunit;
using static GpuActors.Engine.Protocol.HostProtocol;

namespace GpuActors.Engine.Tests.Hosts;

/// <summary>Why a GPU is absent, and how its links stand beside its neighbours'.</summary>
public sealed class HostActorSpec : ActorSpec
{
    private readonly TestProbe _gpus;
    private readonly IActorRef _host;

    public HostActorSpec()
        : base(Akka.Configuration.ConfigurationFactory.ParseString("akka.loglevel = WARNING").WithFallback(EngineConfig.Akka()))
    {
        _gpus = CreateTestProbe();
        _host = Sys.ActorOf(HostActor.Props(new RuleBook(new RuleSettings()), () => _gpus));
        for (var gpu = 1; gpu <= 4; gpu++)
        {
            _host.Tell(new Report(new HostReport("n1", Batches.Gpu(gpu), 10, 90e9, 0.5)));
        }
    }

    [Theory]
    [InlineData(15_000, "gpu_lost")]
    [InlineData(10_001, "host_absent")]
    public async Task The_others_are_asked_when_they_were_heard_last(long heardMs, string cause)
    {
        _host.Tell(new BecameAbsent("n1", Batches.Gpu(1), 10_000, 1000, 15_000));
        for (var others = 0; others < 3; others++)
        {
            var question = await _gpus.ExpectMsgAsync<WhenHeard>();
            _gpus.Reply(new Heard(question.Gpu, new LastHeard(heardMs, 0, 3000)));
        }

        Assert.Equal(new AbsenceVerdict(Batches.Gpu(1), 15_000, RuleCatalog.Find(cause)!), await _gpus.ExpectMsgAsync<AbsenceVerdict>());
    }

    [Fact]
    public async Task Without_all_answers_the_verdict_comes_after_half_a_second_from_those_that_came()
    {
        _host.Tell(new BecameAbsent("n1", Batches.Gpu(1), 10_000, 1000, 15_000));
        var question = await _gpus.ExpectMsgAsync<WhenHeard>();
        _gpus.Reply(new Heard(question.Gpu, new LastHeard(15_000, 0, 3000)));
        var verdict = await _gpus.FishForMessageAsync<AbsenceVerdict>(_ => true);
        Assert.Equal(RuleCatalog.GpuLost, verdict.Cause);
    }

    [Fact]
    public async Task When_no_other_gpu_answers_there_is_no_verdict()
    {
        _host.Tell(new BecameAbsent("n1", Batches.Gpu(1), 10_000, 1000, 15_000));
        for (var others = 0; others < 3; others++)
        {
            await _gpus.ExpectMsgAsync<WhenHeard>();
        }

        await _gpus.ExpectNoMsgAsync(TimeSpan.FromSeconds(1));

        _host.Tell(new BecameAbsent("n1", Batches.Gpu(1), 10_000, 1000, 15_000));
        for (var others = 0; others < 3; others++)
        {
            var question = await _gpus.ExpectMsgAsync<WhenHeard>();
            _gpus.Reply(new Heard(question.Gpu, new LastHeard(10_001, 0, 3000)));
        }

        Assert.Equal(RuleCatalog.HostAbsent, (await _gpus.ExpectMsgAsync<AbsenceVerdict>()).Cause);
    }

    [Fact]
    public async Task A_gpu_whose_host_has_no_other_is_just_absent()
    {
        var lonely = Sys.ActorOf(HostActor.Props(new RuleBook(new RuleSettings()), () => _gpus));
        lonely.Tell(new Report(new HostReport("n2", Batches.Gpu(9), 10, double.NaN, double.NaN)));
        lonely.Tell(new BecameAbsent("n2", Batches.Gpu(9), 10_000, 1000, 15_000));
        Assert.Equal(new AbsenceVerdict(Batches.Gpu(9), 15_000, RuleCatalog.GpuAbsent), await _gpus.ExpectMsgAsync<AbsenceVerdict>());
    }

    [Fact]
    public async Task An_actor_that_has_just_started_learns_the_gpus_from_their_questions()
    {
        var started = Sys.ActorOf(HostActor.Props(new RuleBook(new RuleSettings()), () => _gpus));
        started.Tell(new BecameAbsent("n2", Batches.Gpu(8), 10_000, 1000, 15_000));
        started.Tell(new BecameAbsent("n2", Batches.Gpu(9), 10_000, 1000, 15_000));
        started.Tell(new BecameAbsent("n2", Batches.Gpu(8), 10_000, 1000, 15_000));

        var question = await _gpus.ExpectMsgAsync<WhenHeard>();
        Assert.Equal(Batches.Gpu(9), question.Gpu);
        _gpus.Reply(new Heard(question.Gpu, new LastHeard(10_001, 0, 3000)));
        Assert.Equal(new AbsenceVerdict(Batches.Gpu(8), 15_000, RuleCatalog.HostAbsent), await _gpus.ExpectMsgAsync<AbsenceVerdict>());
    }

    [Fact]
    public async Task A_gpu_far_below_its_neighbours_is_told()
    {
        _host.Tell(new Report(new HostReport("n1", Batches.Gpu(1), 11, 9e9, 0.5)));
        Assert.Equal(new PeerVerdict(Batches.Gpu(1), true, 9e9, 90e9), (await _gpus.ExpectMsgAsync<Peers>()).Content);
    }

    public static TheoryData<string> Messages =>
        [.. typeof(HostProtocol).GetNestedTypes().Where(t => t.IsClass && t.IsAssignableTo(typeof(IHostMessage))).Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Messages))]
    public void Every_message_has_an_example_uses_our_serializer_and_comes_back_equal(string name)
    {
        var message = Examples().Single(e => e.GetType().Name == name);
        var serializer = Assert.IsType<HostMessageSerializer>(Sys.Serialization.FindSerializerFor(message));
        Assert.Equal(message, serializer.FromBinary(serializer.ToBinary(message), serializer.Manifest(message)));
    }

    [Fact]
    public void What_can_not_be_read_is_a_serialization_error()
    {
        var serializer = new HostMessageSerializer((ExtendedActorSystem)Sys);
        Assert.Throws<SerializationException>(() => serializer.FromBinary([5], "H"));
        Assert.Throws<SerializationException>(() => serializer.FromBinary([], "X"));
    }

    internal static IEnumerable<object> Examples()
    {
        var gpu = Batches.Gpu(1);
        return
        [
            new Report(new HostReport("n1", gpu, 29_000_000, 9e10, double.NaN)),
            new BecameAbsent("n1", gpu, 1, double.NaN, 2),
            new GpuRetired("n1", gpu),
            new WhenHeard(gpu),
            new Heard(gpu, new LastHeard(5, 4, 3)),
            new AbsenceVerdict(gpu, 6, RuleCatalog.HostAbsent),
            new Peers(new PeerVerdict(gpu, true, 1, 2)),
        ];
    }
}
