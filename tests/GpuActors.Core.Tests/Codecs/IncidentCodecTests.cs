using System.Text;
using GpuActors.Core.Codecs;
using GpuActors.Core.Incidents;
using GpuActors.Core.Tests.Incidents;

namespace GpuActors.Core.Tests.Codecs;

public sealed class IncidentCodecTests
{
    [Fact]
    public void A_record_of_the_contract_looks_like_this()
    {
        var state = new IncidentState(new IncidentSettings());
        state.Take(Fleet.Alert(1, 0, 1_795_435_200));
        state.Take(Fleet.Alert(1, 1, 1_795_435_201));

        Assert.Equal(
            """
            {"incident_id":"ID","seq":1,"state":"firing","cause":"power","scope":{"kind":"host","name":"n1"},
            "severity":"critical","summary":"power on host n1: 2 alerts (power_brake) on 1 host, 2 open",
            "opened_at":"2026-11-23T12:00:00.000Z","updated_at":"2026-11-23T12:00:01.000Z",
            "members":[{"alert_id":"power_brake-1-0","gpu":"GPU-1-0","host":"n1","rule":"power_brake","state":"firing"},
            {"alert_id":"power_brake-1-1","gpu":"GPU-1-1","host":"n1","rule":"power_brake","state":"firing"}],
            "members_total":2,"pages":1}
            """.ReplaceLineEndings(""),
            Encoding.UTF8.GetString(IncidentCodec.Encode(state.Incidents()[0] with { IncidentId = "ID" }))
        );
    }

    [Fact]
    public void What_a_wider_incident_took_in_names_it()
    {
        var state = new IncidentState(new IncidentSettings());
        state.Take(Fleet.Alert(1, 0, 0));
        var narrow = state.Take(Fleet.Alert(1, 1, 0)).IncidentId!;
        var wide = state.Take(Fleet.Alert(2, 0, 0)).IncidentId!;

        var json = Encoding.UTF8.GetString(IncidentCodec.Encode(state.Find(narrow)!));
        Assert.Contains($"\"superseded_by\":\"{wide}\"", json, StringComparison.Ordinal);
        Assert.Contains("\"state\":\"resolved\"", json, StringComparison.Ordinal);
    }
}
