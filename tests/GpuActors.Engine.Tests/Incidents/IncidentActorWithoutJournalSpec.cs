using Akka.Actor;
using GpuActors.Core.Incidents;
using GpuActors.Engine.Incidents;
using GpuActors.Engine.Metrics;
using GpuActors.Engine.Protocol;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Engine.Tests.Incidents;

/// <summary>The database is away: the journal can't even start.</summary>
public sealed class IncidentActorWithoutJournalSpec : ActorSpec
{
    private readonly EngineMetrics _metrics = new();

    public IncidentActorWithoutJournalSpec()
        : base("akka.loglevel = OFF\nakka.persistence.journal.plugin = \"akka.no-such-plugin\"") { }

    [Fact]
    public async Task A_journal_that_can_not_be_had_delays_no_judgement()
    {
        var actor = Sys.ActorOf(
            IncidentActor.Props(
                new IncidentOptions(
                    new IncidentSettings { JournalTimeout = TimeSpan.FromMinutes(1) },
                    "gpu-incidents",
                    new FakeProducer(),
                    _metrics
                )
            )
        );

        var decided = await actor.Ask<IncidentProtocol.Decided>(
            new IncidentProtocol.Decide(Given.Alert(), false),
            TimeSpan.FromSeconds(10)
        );

        Assert.True(decided.Page);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _metrics.Dispose();
    }
}
