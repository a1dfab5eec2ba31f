using System.Globalization;
using System.Text;
using GpuActors.Testing;
using Xunit;
using Xunit.Abstractions;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>
/// The books of a chaos run: compares the produced samples and injected faults with the database, with <c>gpu-alerts</c> and with the
/// nodes' checkpoints. All discrepancies are reported together.
/// </summary>
internal sealed class Books
{
    private const int ExamplesOfKind = 5;
    private readonly List<string> _wrong = [];
    private readonly List<string> _notes = [];
    private readonly IReadOnlyList<Disturbance> _disturbances;
    private readonly List<PublishedAlert> _injected = [];

    private Books(IReadOnlyList<Disturbance> disturbances) => _disturbances = disturbances;

    /// <summary>The discrepancies, one sentence each.</summary>
    public IReadOnlyList<string> Wrong => _wrong;

    private IEnumerable<Disturbance> Undisturbed => _disturbances.Where(d => d.What == Disturbance.Nothing);

    /// <summary>
    /// Ends the load, waits until every sample has its row and every fault its two alert records (at most for the time limit), stops the
    /// nodes and checks the results. Only after the nodes have stopped can no duplicate row or alert appear any more.
    /// </summary>
    public static async Task<Books> Close(ChaosRig rig)
    {
        var books = new Books([.. rig.Disturbances]);
        await rig.Fleet.StopAsync();
        var faults = rig.Fleet.Faults;
        await Patiently(rig.Stored, n => n >= rig.Fleet.Acknowledged);
        await Patiently(() => PublishedAlert.ReadAll(rig.Kafka.BootstrapServers), alerts => IsComplete(alerts, faults));
        await Patiently(() => PageBook.Read(rig), book => book.IsComplete);
        foreach (var node in rig.Nodes.Nodes.Where(n => n.Runs))
        {
            await books.Stop(node);
        }

        await books.CheckRows(rig);
        books.CheckActivations(rig.Nodes);
        await books.CheckStoredAlerts(rig);
        books.CheckAlerts(
            faults,
            (await PublishedAlert.ReadAll(rig.Kafka.BootstrapServers)).Where(a => !IsAboutTheEnd(a, rig.Fleet.NewestMs)).ToList()
        );
        await WindowCheck.Run(rig, books);
        await PageBook.Check(rig, books);
        return books;
    }

    /// <summary>
    /// Gets the worst latency, in milliseconds, of the injected faults whose trigger was appended during a disturbance or just before it.
    /// </summary>
    public long WorstOf(Disturbance disturbance) => Within(disturbance).Select(a => a.LatencyMs).DefaultIfEmpty(0).Max();

    /// <summary>Adds a sentence to the report.</summary>
    public void Note(string note) => _notes.Add(note);

    /// <summary>Adds a discrepancy if a requirement does not hold.</summary>
    public void Demand(bool holds, string otherwise)
    {
        if (!holds)
        {
            _wrong.Add(otherwise);
        }
    }

    /// <summary>
    /// Requires that the worst latency during a disturbance exceeds the worst latency of the undisturbed time before it by at most the
    /// allowed time. Applies to the full form only: the short form runs on machines of unknown speed and only prints latencies.
    /// </summary>
    public void BoundLatency(Disturbance disturbance, TimeSpan allowed)
    {
        var undisturbed = Undisturbed.Select(WorstOf).DefaultIfEmpty(0).Max();
        var worst = WorstOf(disturbance);
        Demand(
            !ChaosScale.IsFull || worst <= allowed.TotalMilliseconds + undisturbed,
            $"{disturbance.What}: an alert was published {worst} ms after its sample; {allowed.TotalMilliseconds} ms more than the "
                + $"{undisturbed} ms of the undisturbed time are allowed"
        );
    }

    /// <summary>Prints the report, and fails if there are discrepancies.</summary>
    public void AssertExact(ITestOutputHelper output)
    {
        var text = new StringBuilder().AppendJoin(' ', _notes);
        foreach (var disturbance in _disturbances)
        {
            text.Append(' ').Append(Describe(disturbance));
        }

        output.WriteLine(text.ToString());
        Console.WriteLine(text.ToString());
        Assert.True(_wrong.Count == 0, $"{text}\n{string.Join('\n', _wrong)}");
    }

    private string Describe(Disturbance disturbance)
    {
        var alerts = Within(disturbance);
        return alerts.MaxBy(a => a.LatencyMs) is { } worst
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{disturbance.What}: worst alert {worst.LatencyMs} ms, its sample written "
                    + $"{(worst.TriggerAppendMs - disturbance.FromMs) / 1000.0:0.00} s after; {alerts.Count(a => a.LatencyMs > 1_000)} "
                    + $"of {alerts.Count} later than a second."
            )
            : $"{disturbance.What}: no alert.";
    }

    private static bool IsComplete(List<PublishedAlert> alerts, Fault[] faults)
    {
        var byGpu = alerts.Where(IsPowerBrake).ToLookup(a => a.Gpu);
        return faults.All(f => byGpu[f.Gpu.Id].Count(a => f.Covers(a.OpenedMs)) >= 2);
    }

    private static async Task Patiently<T>(Func<Task<T>> ask, Func<T, bool> wanted)
    {
        try
        {
            await Eventually.Get(ask, wanted, _ => "");
        }
        catch (TimeoutException)
        {
            // The checks report what is missing, together with all other discrepancies.
        }
    }

    private static bool IsPowerBrake(PublishedAlert alert) => alert.Rule == "power_brake";

    // When the load ends, its GPUs become absent, and nodes that are still running report it.
    private static bool IsAboutTheEnd(PublishedAlert alert, long newestMs) =>
        alert.Rule is "gpu_absent" or "gpu_lost" or "host_absent" or "exporter_down" && alert.OpenedMs > newestMs;

    private async Task Stop(ClusterNode node)
    {
        await node.Program.Interrupt();
        await Patiently(() => Task.FromResult(node.Runs), runs => !runs);
        if (node.Runs)
        {
            _wrong.Add($"{node.Name} did not end within {Eventually.Limit} of Ctrl-C: {node.Program.LastError}");
            await node.Kill();
            return;
        }

        Demand(node.Program.ExitCode == 0, $"{node.Name} ended with {node.Program.ExitCode} on Ctrl-C: {node.Program.LastError}");
    }

    private async Task CheckRows(ChaosRig rig)
    {
        var (samples, inTopic) = (rig.Fleet.Acknowledged, TopicReader.Count(rig.Kafka.BootstrapServers, FleetLoad.Topic));
        var rows = await rig.Rows();
        var different = await rig.Query("select count(*) from (select distinct gpu_uuid, time from gpu_metrics) d");
        Demand(
            rig.Fleet.Undelivered == 0,
            $"The run is not valid: the broker did not accept {rig.Fleet.Undelivered} samples ({rig.Fleet.Error})"
        );
        Demand(inTopic == samples, $"The run is not valid: {inTopic} records are in the topic, but {samples} were acknowledged");
        Demand(rows == samples, $"{rows} rows of {samples} samples");
        Demand(different == rows, $"{rows - different} of {rows} rows are there more than once");
        Note(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{rig.Fleet.Gpus} GPUs, {samples} samples, {rows} rows, the load at most {rig.Fleet.LatestMs} ms late."
            )
        );
    }

    // Checks alerts of injected faults only, because alerts of the last moments before the stop are stored after the next start.
    private async Task CheckStoredAlerts(ChaosRig rig)
    {
        var published = (await PublishedAlert.ReadAll(rig.Kafka.BootstrapServers))
            .Where(IsPowerBrake)
            .Select(a => (a.AlertId, a.Seq))
            .Distinct()
            .Count();
        var stored = await rig.Query("select count(*) from gpu_alerts where rule = 'power_brake'");
        Demand(stored == published, $"{stored} alert transitions are in the database and {published} in the topic");
    }

    private void CheckActivations(NodeCluster nodes)
    {
        var activations = ActivationLog.Read(nodes);
        Note(string.Create(CultureInfo.InvariantCulture, $"{activations.Count} activations of GPUs in the nodes' logs."));
        Demand(activations.Count > 0, "The nodes' logs name no activations of GPUs");
        Examples("activations overlap with another of the same GPU", Activation.Overlaps(activations), o => $"{o.First} and {o.Second}");
    }

    private void CheckAlerts(Fault[] faults, List<PublishedAlert> alerts)
    {
        CheckTransitions(alerts);
        CheckFaults(faults, alerts);
        var latencies = _injected.Select(a => a.LatencyMs).Order().ToArray();
        Note(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{faults.Length} faults, {_injected.Count} answered, {alerts.Count} alert records; append to append p50 "
                    + $"{At(latencies, 0.5)} ms, p99 {At(latencies, 0.99)} ms, max {At(latencies, 1)} ms."
            )
        );
    }

    // Each transition must be published once, and the transitions of an alert in order.
    private void CheckTransitions(List<PublishedAlert> alerts)
    {
        var doubled = alerts.GroupBy(a => (a.AlertId, a.Seq)).Where(g => g.Count() > 1).ToList();
        Examples(
            "transitions were published more than once",
            doubled,
            g =>
                $"{g.First().Rule} {g.First().Gpu} seq {g.Key.Seq}: "
                + $"{string.Join(", ", g.Select(a => $"{When(a.AppendMs)}, {a.LatencyMs} ms after its sample"))}"
        );
        var disordered = alerts
            .GroupBy(a => a.AlertId)
            .Where(g =>
                g.Select(a => a.At.Partition).Distinct().Count() > 1
                || !g.OrderBy(a => a.At.Offset.Value).Select(a => a.Seq).Distinct().SequenceEqual(Enumerable.Range(1, g.Max(a => a.Seq)))
            )
            .ToList();
        Examples(
            "alerts were published out of order or with a gap",
            disordered,
            g => $"{g.First().Rule} {g.First().Gpu}: seq {string.Join(", ", g.Select(a => a.Seq))}"
        );
    }

    private void CheckFaults(Fault[] faults, List<PublishedAlert> alerts)
    {
        var byGpu = faults.ToLookup(f => f.Gpu.Id);
        var uncalled = alerts.Where(a => a.IsFiring && !(IsPowerBrake(a) && byGpu[a.Gpu].Any(f => f.Covers(a.OpenedMs)))).ToList();
        foreach (var rule in uncalled.GroupBy(a => a.Rule))
        {
            Examples($"alerts of {rule.Key} are unexpected", [.. rule], a => $"{a.Gpu} {When(a.AppendMs)}: {a.Summary}");
        }

        var firing = alerts.Where(a => a.IsFiring && IsPowerBrake(a)).ToLookup(a => a.Gpu);
        var resolved = alerts.Where(a => !a.IsFiring).Select(a => a.AlertId).ToHashSet(StringComparer.Ordinal);
        var answers = faults.Select(f => (Fault: f, Alerts: firing[f.Gpu.Id].Where(a => f.Covers(a.OpenedMs)).ToList())).ToList();
        Examples(
            "faults have no alert",
            [.. answers.Where(a => a.Alerts.Count == 0)],
            a => $"{a.Fault.Gpu.Id} of partition {a.Fault.Gpu.Partition} {When(a.Fault.FirstMs)}"
        );
        Examples(
            "faults have more than one alert",
            [.. answers.Where(a => a.Alerts.Select(x => x.AlertId).Distinct().Count() > 1)],
            a =>
                $"{a.Fault.Gpu.Id} {When(a.Fault.FirstMs)}: "
                + string.Join(", ", a.Alerts.Select(x => $"opened {x.OpenedMs - a.Fault.FirstMs} ms later, appended {When(x.AppendMs)}"))
        );
        Examples(
            "alerts opened at another sample than the third",
            [.. answers.Where(a => a.Alerts.Any(x => x.OpenedMs != a.Fault.TriggerMs))],
            a =>
                $"{a.Fault.Gpu.Id} {When(a.Fault.FirstMs)}: "
                + $"{string.Join(", ", a.Alerts.Select(x => $"{x.OpenedMs - a.Fault.FirstMs} ms later"))}"
        );
        Examples(
            "alerts have not resolved",
            [.. answers.Where(a => a.Alerts.Any(x => !resolved.Contains(x.AlertId)))],
            a => $"{a.Fault.Gpu.Id} {When(a.Fault.FirstMs)}"
        );
        // If an alert is duplicated, the first one is used for latencies. The duplicate is reported above.
        _injected.AddRange(answers.Where(a => a.Alerts.Count > 0).Select(a => a.Alerts.MinBy(x => x.AppendMs)!));
    }

    private List<PublishedAlert> Within(Disturbance disturbance)
    {
        // Alerts that were in progress when the disturbance started belong to it too.
        const long BeforeMs = 2_000;
        return [.. _injected.Where(a => a.TriggerAppendMs >= disturbance.FromMs - BeforeMs && a.TriggerAppendMs <= disturbance.UntilMs)];
    }

    // The time in the format of the logs, and the time since the last disturbance.
    private string When(long ms)
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
        return _disturbances.LastOrDefault(d => d.FromMs <= ms) is { } last
            ? string.Create(CultureInfo.InvariantCulture, $"at {time} ({(ms - last.FromMs) / 1000.0:0.0} s after {last.What})")
            : $"at {time}";
    }

    private void Examples<T>(string what, List<T> all, Func<T, string> describe) =>
        Demand(all.Count == 0, $"{all.Count} {what}: {string.Join("; ", all.Take(ExamplesOfKind).Select(describe))}");

    private static long At(long[] sorted, double share) =>
        sorted.Length == 0 ? 0 : sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
}
