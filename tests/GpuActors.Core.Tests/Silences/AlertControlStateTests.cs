using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using GpuActors.Core.Alerts;
using GpuActors.Core.Silences;
using GpuActors.Core.Tests.Notify;

namespace GpuActors.Core.Tests.Silences;

public sealed class AlertControlStateTests
{
    private const long Day = Durations.DayMs;
    private const long Hour = Durations.HourMs;
    private readonly AlertControlState _state = new();

    [Fact]
    public void An_acknowledgement_is_kept_until_it_is_taken_back_or_its_alert_resolves()
    {
        Do(new AlertControlCommand.Acknowledge(AlertId.Parse("a1"), "ann", "on it"), Given.NoonMs);
        Do(new AlertControlCommand.Acknowledge(AlertId.Parse("a2"), "ann", ""), Given.NoonMs);
        Assert.Equal(
            new Acknowledgement(AlertId.Parse("a1"), "ann", "on it", Given.NoonMs),
            _state.View.AcknowledgementOf(AlertId.Parse("a1"))
        );
        Do(new AlertControlCommand.Unacknowledge(AlertId.Parse("a1")), Given.NoonMs + 1);
        _state.Resolved(AlertId.Parse("a2"));
        Assert.Empty(Now.Acknowledgements);
    }

    [Fact]
    public void An_ended_silence_is_forgotten_after_a_week()
    {
        Do(new AlertControlCommand.Add(Silence("s1", 0, Day)), 0);
        Do(new AlertControlCommand.Add(Silence("s2", 8 * Day, 9 * Day)), 8 * Day);
        Assert.Equal(2, Now.Silences.Count);
        Do(new AlertControlCommand.Acknowledge(AlertId.Parse("a"), "ann", ""), (8 * Day) + 1);
        Assert.Equal("s2", Assert.Single(Now.Silences).Id);
    }

    [Fact]
    public void A_silence_that_is_expired_ends_at_once_also_before_it_began()
    {
        Do(new AlertControlCommand.Add(Silence("now", 0, Day)), 0);
        Do(new AlertControlCommand.Add(Silence("later", 5 * Hour, Day)), 0);
        Do(new AlertControlCommand.Expire("now"), Hour);
        Do(new AlertControlCommand.Expire("later"), Hour);
        Assert.All(Now.Silences, s => Assert.False(s.IsActive(6 * Hour)));
        Assert.Null(_state.Execute(new AlertControlCommand.Expire("now"), 2 * Hour).Problem);
    }

    public static TheoryData<string, Silence> Refusals =>
        new()
        {
            { "at least one", Silence("s", 0, Day) with { Matchers = [] } },
            {
                "at most 20",
                Silence("s", 0, Day) with
                {
                    Matchers = [.. Enumerable.Range(0, 21).Select(n => new SilenceMatcher("host", "n1"))],
                }
            },
            { "not after", Silence("s", Day, Day) },
            { "past", Silence("s", -Day, -1) },
            { "30 days", Silence("s", 0, (30 * Day) + 1) },
            { "365 days", Silence("s", 0, (365 * Day) + 1) with { Kind = SilenceKind.Maintenance } },
            { "matcher host = (", Silence("s", 0, Day) with { Matchers = [new("host", "(", true)] } },
            { "regular expression", Silence("s", 0, Day) with { Matchers = [new("host", "n1(?=x)", true)] } },
            { "every alert", Silence("s", 0, Day) with { Matchers = [new("host", ".*", true)] } },
            { "1 to 500", Silence("s", 0, Day) with { Matchers = [new("host", "")] } },
            { "name", Silence("s", 0, Day) with { Matchers = [new("", "x")] } },
            { "by:", Silence("s", 0, Day) with { By = " " } },
            { "comment:", Silence("s", 0, Day) with { Comment = new string('x', 1001) } },
        };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_makes_no_sense_is_refused_with_the_reason(string reason, Silence silence)
    {
        var outcome = _state.Execute(new AlertControlCommand.Add(silence), 0);

        Assert.Empty(Now.Silences);
        Assert.False(outcome.IsMissing);
        Assert.Contains(reason, outcome.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_maintenance_may_be_longer_than_a_silence_and_one_that_began_counts_from_now()
    {
        Assert.Null(
            _state.Execute(new AlertControlCommand.Add(Silence("m", 0, 60 * Day) with { Kind = SilenceKind.Maintenance }), 0).Problem
        );
        Assert.Null(_state.Execute(new AlertControlCommand.Add(Silence("s", 0, 40 * Day)), 20 * Day).Problem);
    }

    [Fact]
    public void The_1001st_silence_is_refused_until_one_has_ended()
    {
        for (var n = 0; n < 1000; n++)
        {
            Do(new AlertControlCommand.Add(Silence($"s{n}", 0, n == 0 ? Hour : Day)), 0);
        }

        Assert.Contains(
            "1000",
            _state.Execute(new AlertControlCommand.Add(Silence("one-more", 0, Day)), 0).Problem,
            StringComparison.Ordinal
        );
        Assert.Null(_state.Execute(new AlertControlCommand.Add(Silence("one-more", 0, Day)), Hour).Problem);
    }

    [Fact]
    public void What_is_not_there_is_missing_and_not_refused()
    {
        Assert.True(_state.Execute(new AlertControlCommand.Expire("no"), 0).IsMissing);
        Assert.True(_state.Execute(new AlertControlCommand.Unacknowledge(AlertId.Parse("no")), 0).IsMissing);
    }

    [Theory]
    [InlineData("host=n1", true)]
    [InlineData("host=n", false)]
    [InlineData("host=~n[0-9]", true)]
    [InlineData("host=~[0-9]", false)]
    [InlineData("host=~n|x", false)]
    [InlineData("rule=power_brake", true)]
    [InlineData("severity=critical", true)]
    [InlineData("gpu=GPU-1-0", true)]
    [InlineData("rack=r0", true)]
    [InlineData("datacenter=ams", false)]
    [InlineData("nonsense=~.*", true)]
    public void A_matcher_is_an_equality_or_an_expression_for_the_whole_value(string matcher, bool matches)
    {
        var view = new AlertControlView(
            new AlertControlSnapshot([], [Silence("s", 0, Day) with { Matchers = [SilenceMatcher.Parse(matcher)!] }])
        );

        Assert.Equal(matches, view.SilenceOf(Fleet.Alert(1, 0, 0), 1) is not null);
        Assert.Equal(matcher, SilenceMatcher.Parse(matcher)!.ToString());
    }

    [Fact]
    public void All_matchers_must_hold_and_of_several_silences_the_longest_counts()
    {
        var view = new AlertControlView(
            new AlertControlSnapshot(
                [],
                [
                    Silence("short", 0, Hour),
                    Silence("long", 0, Day),
                    Silence("other", 0, 2 * Day) with
                    {
                        Matchers = [new("host", "n1"), new("rule", "xid")],
                    },
                ]
            )
        );

        Assert.Equal("long", view.SilenceOf(Fleet.Alert(1, 0, 0), 0)!.Id);
        Assert.Null(view.SilenceOf(Fleet.Alert(1, 0, 0), Day));
        Assert.Null(view.SilenceOf(Fleet.Alert(2, 0, 0), 0));
    }

    [Property]
    public Property What_has_changed_rebuilds_the_state() =>
        Prop.ForAll(
            Commands().ArrayOf().ToArbitrary(),
            commands =>
            {
                var state = new AlertControlState();
                var acknowledgements = new Dictionary<AlertId, Acknowledgement>();
                var silences = new Dictionary<string, Silence>(StringComparer.Ordinal);
                foreach (var (command, atMs) in commands)
                {
                    _ = state.Execute(command, atMs);
                    var changes = state.TakeChanges();
                    Update(acknowledgements, changes.Acknowledgements);
                    Update(silences, changes.Silences);
                }

                var restored = new AlertControlState();
                acknowledgements.Values.ToList().ForEach(restored.Restore);
                silences.Values.ToList().ForEach(restored.Restore);
                return state.View.Snapshot.Acknowledgements.SequenceEqual(restored.View.Snapshot.Acknowledgements)
                    && state.View.Snapshot.Silences.SequenceEqual(restored.View.Snapshot.Silences);
            }
        );

    private static void Update<TKey, TValue>(Dictionary<TKey, TValue> into, IEnumerable<(TKey, TValue?)> changes)
        where TKey : notnull
        where TValue : class
    {
        foreach (var (key, value) in changes)
        {
            _ = into.Remove(key);
            if (value is not null)
            {
                into[key] = value;
            }
        }
    }

    private static Gen<(AlertControlCommand Command, long AtMs)> Commands() =>
        from at in Gen.Choose(0, 30)
        from kind in Gen.Choose(0, 3)
        from n in Gen.Choose(0, 5)
        select (
            (AlertControlCommand)(
                kind switch
                {
                    0 => new AlertControlCommand.Acknowledge(AlertId.Parse($"a{n}"), "ann", ""),
                    1 => new AlertControlCommand.Unacknowledge(AlertId.Parse($"a{n}")),
                    2 => new AlertControlCommand.Add(Silence($"s{n}", at * Day, (at + n) * Day)),
                    _ => new AlertControlCommand.Expire($"s{n}"),
                }
            ),
            at * Day
        );

    private static Silence Silence(string id, long from, long until) =>
        new(id, [new SilenceMatcher("host", "n1")], from, until, "ann", "why", SilenceKind.Silence);

    private AlertControlSnapshot Now => _state.View.Snapshot;

    private void Do(AlertControlCommand command, long nowMs) => Assert.Null(_state.Execute(command, nowMs).Problem);
}
