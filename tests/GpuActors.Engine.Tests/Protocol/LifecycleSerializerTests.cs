using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Configuration;
using GpuActors.Core.Alerts;
using GpuActors.Core.Incidents;
using GpuActors.Core.Silences;
using GpuActors.Engine.Composition;
using GpuActors.Engine.Protocol;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Engine.Tests.Protocol;

public sealed class LifecycleSerializerTests : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create(
        "serializer",
        ConfigurationFactory.ParseString("akka.loglevel = WARNING").WithFallback(EngineConfig.Akka())
    );

    public static TheoryData<string> Messages =>
        [
            .. typeof(ILifecycleMessage)
                .Assembly.GetTypes()
                .Where(t => t.IsClass && t.IsAssignableTo(typeof(ILifecycleMessage)))
                .Select(t => t.FullName!),
        ];

    [Theory]
    [MemberData(nameof(Messages))]
    public void Every_message_has_an_example_uses_our_serializer_and_comes_back_equal(string name)
    {
        foreach (
            var message in Examples().Where(e => e.GetType().FullName == name).ToList() is { Count: > 0 } found
                ? found
                : throw new InvalidOperationException($"No example of {name}")
        )
        {
            var serializer = Assert.IsType<LifecycleSerializer>(_system.Serialization.FindSerializerFor(message));

            var bytes = serializer.ToBinary(message);
            var copy = serializer.FromBinary(bytes, serializer.Manifest(message));

            Assert.Equal(message.GetType(), copy.GetType());
            Assert.Equal(Encoding.UTF8.GetString(bytes), Encoding.UTF8.GetString(serializer.ToBinary(copy)));
            Assert.InRange(serializer.Manifest(message).Length, 1, 4);
        }
    }

    [Theory]
    [InlineData("X9", "{}")]
    [InlineData("IP1", "")]
    [InlineData("IP1", "null")]
    [InlineData("CE1", """{"fact":{"kind":"unheard_of"}}""")]
    [InlineData("IJ1", """{"step":{}}""")]
    public void What_can_not_be_read_is_a_serialization_error(string manifest, string json) =>
        Assert.Throws<SerializationException>(() =>
            new LifecycleSerializer((ExtendedActorSystem)_system).FromBinary(Encoding.UTF8.GetBytes(json), manifest)
        );

    [Fact]
    public void A_member_that_a_later_version_added_is_skipped() =>
        Assert.Equal(
            new IncidentProtocol.Published("i1", 7),
            new LifecycleSerializer((ExtendedActorSystem)_system).FromBinary(
                """{"incident_id":"i1","seq":7,"new":[1]}"""u8.ToArray(),
                "IP1"
            )
        );

    public void Dispose() => _system.Terminate().Wait(TimeSpan.FromSeconds(10));

    private static AlertTransition Alert { get; } = Given.Alert();

    private static AlertId Id { get; } = AlertId.Parse("a1");

    private static Silence Silence { get; } = new("s1", [new SilenceMatcher("host", "n1")], 1, 2, "ann", "", SilenceKind.Maintenance);

    internal static IEnumerable<object> Examples()
    {
        var state = new IncidentState(new IncidentSettings());
        state.Apply(state.Decide(Alert, false));
        var step = state.Decide(Alert with { AlertId = AlertId.Parse("a2") }, false);
        state.Apply(step);
        var control = new AlertControlSnapshot([new Acknowledgement(Id, "ann", "", 5, 6)], [Silence]);
        return
        [
            new IncidentProtocol.Decide(Alert, true),
            new IncidentProtocol.Decided(Alert.Id, "i1", true),
            new IncidentProtocol.GetIncidents(true, 5, 6),
            new IncidentProtocol.IncidentList(state.Incidents()),
            new IncidentProtocol.GetIncident("i1"),
            new IncidentProtocol.FoundIncident(state.Incidents()[0]),
            new IncidentProtocol.IsOpen(Id),
            new IncidentProtocol.Openness(true),
            new IncidentProtocol.Evaluated(step),
            new IncidentProtocol.Published("i1", 2),
            new IncidentProtocol.Memory(state.Save()),
            new AlertControlProtocol.Execute(new AlertControlCommand.Acknowledge(Id, "ann", "c")),
            new AlertControlProtocol.Execute(new AlertControlCommand.Unacknowledge(Id)),
            new AlertControlProtocol.Execute(new AlertControlCommand.Add(Silence)),
            new AlertControlProtocol.Execute(new AlertControlCommand.Expire("s1")),
            new AlertControlProtocol.Execute(new AlertControlCommand.NoteResolved(Id)),
            new AlertControlProtocol.Executed("no", true),
            new AlertControlProtocol.Subscribe(4),
            new AlertControlProtocol.Copy(4, control),
            new AlertControlProtocol.Memory(control),
            new AlertControlProtocol.Happened(new AlertControlEvent.Unacknowledged(Id, 1)),
            new AlertControlProtocol.Happened(new AlertControlEvent.Resolved(Id, 1)),
            new AlertControlProtocol.Happened(new AlertControlEvent.Expired("s1", 1)),
            new AlertControlProtocol.Happened(new AlertControlEvent.Acknowledged(Id, "ann", "c", 1)),
            new AlertControlProtocol.Happened(new AlertControlEvent.Added(Silence, 5)),
            new OpenAlertProtocol.GetOpenAlerts(new Dictionary<string, string> { ["rule"] = "xid" }, 5),
            new OpenAlertProtocol.OpenAlertList([OpenAlert.Of(Alert) with { IncidentId = "i1" }], 3),
        ];
    }
}
