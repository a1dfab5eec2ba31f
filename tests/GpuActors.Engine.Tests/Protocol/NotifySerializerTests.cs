using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Configuration;
using GpuActors.Core.Alerts;
using GpuActors.Core.Incidents;
using GpuActors.Core.Notify;
using GpuActors.Core.Silences;
using GpuActors.Engine.Composition;
using GpuActors.Engine.Protocol;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Engine.Tests.Protocol;

public sealed class NotifySerializerTests : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create(
        "serializer",
        ConfigurationFactory.ParseString("akka.loglevel = WARNING").WithFallback(EngineConfig.Akka())
    );

    public static TheoryData<string> Messages =>
        [
            .. typeof(INotifyMessage)
                .Assembly.GetTypes()
                .Where(t => t.IsClass && t.IsAssignableTo(typeof(INotifyMessage)))
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
            var serializer = Assert.IsType<NotifySerializer>(_system.Serialization.FindSerializerFor(message));

            var bytes = serializer.ToBinary(message);
            var copy = serializer.FromBinary(bytes, serializer.Manifest(message));

            Assert.Equal(message.GetType(), copy.GetType());
            Assert.Equal(Encoding.UTF8.GetString(bytes), Encoding.UTF8.GetString(serializer.ToBinary(copy)));
            Assert.InRange(serializer.Manifest(message).Length, 1, 4);
        }
    }

    [Theory]
    [InlineData("X9", "{}")]
    [InlineData("XR", "")]
    [InlineData("XR", "null")]
    [InlineData("X", """{"command":{"kind":"unheard_of"}}""")]
    [InlineData("IR", """{"incident":{}}""")]
    public void What_can_not_be_read_is_a_serialization_error(string manifest, string json) =>
        Assert.Throws<SerializationException>(() =>
            new NotifySerializer((ExtendedActorSystem)_system).FromBinary(Encoding.UTF8.GetBytes(json), manifest)
        );

    [Fact]
    public void A_member_that_a_later_version_added_is_skipped() =>
        Assert.Equal(
            new NotifyProtocol.Executed("no", true),
            new NotifySerializer((ExtendedActorSystem)_system).FromBinary(
                """{"problem":"no","is_missing":true,"new":[1]}"""u8.ToArray(),
                "XR"
            )
        );

    public void Dispose() => _system.Terminate().Wait(TimeSpan.FromSeconds(10));

    private static AlertTransition Alert { get; } = Given.Alert();

    private static AlertId Id { get; } = AlertId.Parse("a1");

    private static Silence Silence { get; } = new("s1", [new SilenceMatcher("host", "n1")], 1, 2, "ann", "", SilenceKind.Maintenance);

    internal static IEnumerable<object> Examples()
    {
        var state = new NotifyState(new IncidentSettings(), new NotifySettings());
        state.Apply(Alert, Given.NoonMs);
        _ = state.Decide(Given.NoonMs);
        var control = new AlertControlSnapshot([new Acknowledgement(Id, "ann", "", 5)], [Silence]);
        return
        [
            new NotifyProtocol.Execute(new AlertControlCommand.Acknowledge(Id, "ann", "c")),
            new NotifyProtocol.Execute(new AlertControlCommand.AcknowledgeIncident("i1", "ann", "c")),
            new NotifyProtocol.Execute(new AlertControlCommand.Unacknowledge(Id)),
            new NotifyProtocol.Execute(new AlertControlCommand.Add(Silence)),
            new NotifyProtocol.Execute(new AlertControlCommand.Expire("s1")),
            new NotifyProtocol.Executed("no", true),
            new NotifyProtocol.GetOpenAlerts(new Dictionary<string, string> { ["rule"] = "xid" }, 5),
            new NotifyProtocol.PreviewSilence(Silence, 5),
            new NotifyProtocol.OpenAlertList([OpenAlert.Of(Alert) with { IncidentId = "i1" }], 3),
            new NotifyProtocol.GetIncidents(true, 5, 6),
            new NotifyProtocol.IncidentList([.. state.Incidents(true)]),
            new NotifyProtocol.GetIncident("i1"),
            new NotifyProtocol.FoundIncident(state.Incidents(true).Single()),
            NotifyProtocol.GetControl.Instance,
            new NotifyProtocol.ControlList(control),
        ];
    }
}
