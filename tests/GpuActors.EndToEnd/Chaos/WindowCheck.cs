using System.Globalization;
using Confluent.Kafka;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Gpus;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Core.Validation;
using GpuActors.Core.Windows;
using GpuActors.Testing;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>
/// What the nodes kept of every GPU, against the same state made here of the whole log, record by record. A sample that was lost, came
/// twice or came in another order shows in the last bit of a sum.
/// </summary>
internal sealed class WindowCheck
{
    private const string DetectGroup = "gpu-actors-detect";
    private const int MinutesKept = 60,
        HoursKept = 169;

    private readonly RecordDecoder _decoder = new(new GpuRegistry());
    private readonly SampleValidator _validator = new(new ValidationSettings());
    private readonly RuleSettings _rules = new();
    private readonly GpuSample _sample = new();
    private readonly List<AlertTransition> _transitions = [];

    /// <summary>Compares all GPUs and puts what it finds into the books. The nodes must have stopped.</summary>
    public static async Task Run(ChaosRig rig, Books books)
    {
        var check = new WindowCheck();
        var expected = new Dictionary<GpuId, GpuState>();
        check.Replay(rig.Kafka.BootstrapServers, expected, _ => true);
        var kept = await CheckpointReader.ReadAll(rig.Database, ChaosRig.Partitions);
        var differences = Differences(expected, kept);
        books.Note(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Windows of {expected.Count - differences.Count} of {expected.Count} GPUs are those of the log to the last bit."
            )
        );
        books.Demand(expected.Count == rig.Fleet.Gpus, $"The log has {expected.Count} GPUs of {rig.Fleet.Gpus}");
        if (differences.Count > 0)
        {
            // Behind is not lost: what the next start would read again may make up for it.
            var committed = TopicReader.Committed(rig.Kafka.BootstrapServers, DetectGroup, FleetLoad.Topic);
            check.Replay(rig.Kafka.BootstrapServers, kept, record => record.Offset >= committed[record.Partition.Value]);
            var lost = Differences(expected, kept);
            books.Demand(
                false,
                $"{differences.Count} GPUs have other windows than the log gives: {string.Join("; ", differences.Take(5))}"
            );
            books.Demand(
                lost.Count == 0,
                $"{lost.Count} of them would still have after the next start's replay: {string.Join("; ", lost.Take(5))}"
            );
        }
    }

    private void Replay(string bootstrap, Dictionary<GpuId, GpuState> states, Func<ConsumeResult<byte[], byte[]>, bool> wanted) =>
        TopicReader.ForEach(
            bootstrap,
            FleetLoad.Topic,
            record =>
            {
                if (wanted(record))
                {
                    Replay(record, states);
                }
            }
        );

    // As a node's batcher does it.
    private void Replay(ConsumeResult<byte[], byte[]> record, Dictionary<GpuId, GpuState> states)
    {
        _sample.Clear();
        if (
            _decoder.Decode(record.Message.Value, [], _sample) != RejectReason.None
            || _validator.Validate(_sample, record.Message.Timestamp.UnixTimestampMs) != RejectReason.None
        )
        {
            return;
        }

        _sample.Partition = record.Partition.Value;
        _sample.Offset = record.Offset.Value;
        _sample.AppendTimeMs = record.Message.Timestamp.UnixTimestampMs;
        if (!states.TryGetValue(_sample.Gpu.Id, out var state))
        {
            states[_sample.Gpu.Id] = state = new GpuState(_sample.Gpu.Id);
        }

        state.Apply(_sample, _rules, _transitions);
        _transitions.Clear();
    }

    private static List<string> Differences(Dictionary<GpuId, GpuState> expected, Dictionary<GpuId, GpuState> kept) =>
        [
            .. expected
                .Select(e => (Gpu: e.Key, What: Difference(e.Value, kept.GetValueOrDefault(e.Key))))
                .Where(d => d.What is not null)
                .Select(d => $"{d.Gpu} (shard {Murmur2.Partition(d.Gpu, ChaosRig.Partitions)}) {d.What}"),
        ];

    private static string? Difference(GpuState expected, GpuState? kept)
    {
        if (kept is null)
        {
            return "is in no checkpoint";
        }

        if (kept.Samples != expected.Samples)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"has {kept.Samples} samples of {expected.Samples}, the newest {expected.TimeMs - kept.TimeMs} ms old, missing by "
                    + $"minute: {Missing(expected, kept)}"
            );
        }

        foreach (var metric in MetricWindows.Windowed)
        {
            for (var minute = 0; minute < MinutesKept; minute++)
            {
                var at = expected.TimeMs - (minute * Durations.MinuteMs);
                if (
                    expected.Windows.LastMinutes(metric, 1, at) is var wanted
                    && kept.Windows.LastMinutes(metric, 1, at) is var found
                    && wanted != found
                )
                {
                    return $"differs in {metric}, minute {at / Durations.MinuteMs}: {Told(found)} for {Told(wanted)}";
                }
            }

            for (var hour = 0; hour < HoursKept; hour++)
            {
                var at = expected.TimeMs - (hour * Durations.HourMs);
                if (
                    expected.Windows.LastHours(metric, 1, at) is var wanted
                    && kept.Windows.LastHours(metric, 1, at) is var found
                    && wanted != found
                )
                {
                    return $"differs in {metric}, hour {at / Durations.HourMs}: {Told(found)} for {Told(wanted)}";
                }
            }
        }

        return null;
    }

    // So that the logs of that time can be looked at.
    private static string Missing(GpuState expected, GpuState kept) =>
        string.Join(
            ", ",
            Enumerable
                .Range(0, MinutesKept)
                .Select(m => expected.TimeMs - (m * Durations.MinuteMs))
                .Select(at => (At: at, Count: Count(expected, at) - Count(kept, at)))
                .Where(m => m.Count != 0)
                .Select(m =>
                    string.Create(CultureInfo.InvariantCulture, $"{DateTimeOffset.FromUnixTimeMilliseconds(m.At):HH:mm} {m.Count}")
                )
        );

    private static int Count(GpuState state, long atMs) => state.Windows.LastMinutes(MetricWindows.Windowed[0], 1, atMs).Count;

    private static string Told(Bucket bucket) =>
        string.Create(CultureInfo.InvariantCulture, $"{bucket.Count} values of sum {bucket.Sum:R}");
}
