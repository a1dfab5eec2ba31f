using Akka.Actor;
using GpuActors.Core.Alerts;
using GpuActors.Core.Gpus;
using GpuActors.Core.Hosts;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Engine.Detect;
using GpuActors.Engine.Gpus;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Engine.Tests.Detect;

/// <summary>A fleet whose hosts are scraped at an interval, on a node that checks for absent GPUs every 50 ms of simulated time.</summary>
public sealed class AbsenceWatchTests
{
    public static TheoryData<double, int, double> Fleets()
    {
        var fleets = new TheoryData<double, int, double>();
        foreach (var interval in new[] { 0.25, 1, 3, 10, 30, 60 })
        {
            foreach (var gpus in new[] { 1, 8, 64, 1000 })
            {
                fleets.Add(interval, gpus, 0);
                fleets.Add(interval, gpus, 0.2);
            }
        }

        return fleets;
    }

    [Theory]
    [MemberData(nameof(Fleets))]
    public void A_gpu_that_vanishes_is_found_in_time_at_any_interval_and_nobody_else_is(double interval, int gpus, double jitter)
    {
        var fleet = new Fleet(gpus, interval, jitter);
        var warm = Math.Max(20, 20 * interval);
        fleet.Run(until: warm);
        Assert.Empty(fleet.Alerts);

        fleet.Vanished.Add(0);
        fleet.Run(until: warm + (10 * interval) + 20);

        var alert = Assert.Single(fleet.Alerts);
        Assert.Equal(Fleet.IdOf(0), alert.Gpu);
        Assert.Equal(gpus == 1 ? "gpu_absent" : "gpu_lost", alert.Rule);
        var silent = alert.DetectedAtMs - fleet.LastHeardMs(0);
        Assert.InRange(silent, 3_000, Math.Max(3_000, 4_000 * interval) + 1_000);
        // Latency counts from the moment at which the GPU was absent by the limit, or by that of its neighbours.
        Assert.InRange(alert.DetectedAtMs - alert.IngestedAtMs, 0, jitter == 0 ? 100 : 1_000 + (1_000 * interval));
    }

    [Fact]
    public void A_node_that_starts_while_no_collector_sends_finds_the_gpus_of_its_checkpoint_absent()
    {
        var before = new Fleet(8, 1, 0);
        before.Run(until: 20);
        var after = before.Restarted(downMs: 60_000);

        after.Vanished.UnionWith(Enumerable.Range(0, 8));
        after.Run(until: 400);

        Assert.Equal(8, after.Alerts.Select(alert => alert.Gpu).Distinct().Count());
    }

    [Fact]
    public void A_node_that_starts_finds_the_gpus_of_a_partition_without_records()
    {
        var before = new Fleet(64, 1, 0);
        before.Run(until: 20);
        var after = before.Restarted(downMs: 60_000);

        after.Vanished.Add(3);
        after.Run(until: 120);

        Assert.Equal([Fleet.IdOf(3)], after.Alerts.Select(alert => alert.Gpu).Distinct());
    }

    private sealed class Fleet
    {
        private const int Partitions = 12,
            GpusPerHost = 8,
            TickMs = 50;

        private readonly int _intervalMs;
        private readonly double _jitter;
        private readonly Random _random = new(4711);
        private readonly GpuRegistry _registry = new();
        private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
        private readonly RuleSettings _rules = new RuleSettings().With(RuleCatalog.FieldMissing, new() { Enabled = false });
        private readonly List<GpuState> _states;
        private readonly List<GpuRoute?> _routes;
        private readonly Dictionary<GpuId, int> _numbers = [];
        private readonly GpuRoutes _all;
        private readonly LogClock _clock;
        private readonly AbsenceWatch _watch;
        private readonly long[] _appliedMs = new long[Partitions];
        private readonly double[] _nextScrapeMs;
        private readonly long _startMs;
        private long _offset;
        private long _nowMs;

        public Fleet(int gpus, double interval, double jitter, List<GpuState>? states = null, long startMs = Batches.StartMs)
        {
            (_intervalMs, _jitter, _startMs, _nowMs) = ((int)(interval * 1000), jitter, startMs, startMs);
            _all = new GpuRoutes(_registry);
            _clock = new LogClock(_time, Partitions);
            _watch = new AbsenceWatch(_all, _clock, Partitions, replicas: 1);
            _states = states ?? [.. Enumerable.Range(0, gpus).Select(gpu => new GpuState(IdOf(gpu)))];
            _routes = [.. _states.Select(state => state.Samples == 0 ? null : Enter(state))];
            _nextScrapeMs =
            [
                .. Enumerable.Range(0, (gpus + GpusPerHost - 1) / GpusPerHost).Select(_ => _random.NextDouble() * _intervalMs),
            ];
            for (var gpu = 0; gpu < gpus; gpu++)
            {
                _numbers[IdOf(gpu)] = gpu;
            }
        }

        public HashSet<int> Vanished { get; } = [];

        public List<AlertTransition> Alerts { get; } = [];

        public static GpuId IdOf(int gpu) => Batches.Gpu(gpu + 1);

        public long LastHeardMs(int gpu) => _states[gpu].LastHeardMs;

        public Fleet Restarted(long downMs) =>
            new(_states.Count, _intervalMs / 1000.0, _jitter, _states, _nowMs + downMs) { _offset = _offset };

        public void Run(double until)
        {
            for (; _nowMs < _startMs + (until * 1000); _nowMs += TickMs)
            {
                for (var host = 0; host < _nextScrapeMs.Length; host++)
                {
                    while (_startMs + _nextScrapeMs[host] <= _nowMs)
                    {
                        Scrape(host, _startMs + (long)_nextScrapeMs[host]);
                        _nextScrapeMs[host] += _intervalMs * (1 + (_jitter * (_random.NextDouble() - 0.5)));
                    }
                }

                Check();
                _time.Advance(TimeSpan.FromMilliseconds(TickMs));
            }
        }

        private void Scrape(int host, long atMs)
        {
            for (var gpu = host * GpusPerHost; gpu < Math.Min(_states.Count, (host + 1) * GpusPerHost); gpu++)
            {
                if (Vanished.Contains(gpu))
                {
                    continue;
                }

                var sample = Given.Sample(_registry, (Metric.GpuTemp, 60));
                sample.Gpu = _registry.Intern(IdOf(gpu));
                sample.Info = Given.Info with { Host = $"n{host}" };
                (sample.TimeMs, sample.AppendTimeMs, sample.Offset) = (atMs, atMs, _offset++);
                var partition = Murmur2.Partition(IdOf(gpu), Partitions);
                _clock.Observe(partition, atMs);
                _appliedMs[partition] = atMs;
                Assert.True(_states[gpu].Apply(sample, _rules, Alerts));
                _routes[gpu] ??= Enter(_states[gpu]);
                _routes[gpu]!.AppendTimeMs = atMs;
                _routes[gpu]!.Heard(_states[gpu], _rules);
            }
        }

        private GpuRoute Enter(GpuState state)
        {
            var id = IdOf(_states.IndexOf(state));
            var route = _all.Enter(_registry.Intern(id), ActorRefs.Nobody, state.LastHeardMs);
            route.Heard(state, _rules);
            return route;
        }

        private void Check()
        {
            foreach (var partition in _watch.Partitions())
            {
                foreach (var (route, now) in _watch.Check(partition, _offset, _appliedMs[partition], _offset, _clock.NowMs!.Value).ToList())
                {
                    var gpu = _numbers[route.Gpu];
                    var state = _states[gpu];
                    if (state.IsAbsent(now, _rules))
                    {
                        var cause = HostState.CauseOfAbsence(state.LastHeardMs, state.IntervalMs, Neighbours(gpu), now);
                        var known = Alerts.Count;
                        state.CheckAbsence(now, cause, _rules, Alerts);
                        route.Absent(state, _rules, cause, now);
                        for (; known < Alerts.Count; known++)
                        {
                            Alerts[known] = Alerts[known] with { DetectedAtMs = _nowMs };
                        }
                    }
                }
            }
        }

        private List<LastHeard> Neighbours(int gpu) =>
            [
                .. Enumerable
                    .Range(gpu / GpusPerHost * GpusPerHost, GpusPerHost)
                    .Where(other => other != gpu && other < _states.Count)
                    .Select(other => _states[other])
                    .Select(other => new LastHeard(other.LastHeardMs, other.HeardSinceMs, _rules.Absence.LimitMs(other.IntervalMs))),
            ];
    }
}
