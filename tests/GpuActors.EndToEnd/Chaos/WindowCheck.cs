using System.Globalization;
using Confluent.Kafka;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Gpus;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Core.Validation;
using GpuActors.Core.Windows;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>
/// What the nodes kept of every GPU, against the same state made here of the whole log, record by record. A sample that was lost, came twice or came in another order shows in the
/// last bit of a sum.
/// </summary>
internal sealed class WindowCheck
{
    private const long MinuteMs = 60_000, HourMs = 3_600_000;
    private const int MinutesKept = 60, HoursKept = 168;

    private readonly GpuRegistry _registry = new();
    private readonly Dictionary<GpuId, GpuState> _expected = [];
    private readonly List<AlertTransition> _transitions = [];

    /// <summary>Compares all GPUs and puts what it finds into the books. The nodes must have stopped.</summary>
    public static async Task Run(ChaosRig rig, Books books)
    {
        var check = new WindowCheck();
        check.ReplayLog(rig.Kafka.BootstrapServers);
        var kept = await CheckpointReader.ReadAll(rig.Database, ChaosRig.Partitions);
        var differences = check._expected.Select(e => (Gpu: e.Key, What: Difference(e.Value, kept.GetValueOrDefault(e.Key)))).Where(d => d.What is not null).ToList();
        books.Note(string.Create(CultureInfo.InvariantCulture, $"Windows of {check._expected.Count - differences.Count} of {check._expected.Count} GPUs are those of the log to the last bit."));
        books.Demand(check._expected.Count == rig.Fleet.Gpus, $"The log has {check._expected.Count} GPUs of {rig.Fleet.Gpus}");
        books.Demand(differences.Count == 0, $"{differences.Count} GPUs have other windows than the log gives: {string.Join("; ", differences.Take(5).Select(d => $"{d.Gpu} {d.What}"))}");
    }

    private void ReplayLog(string bootstrap)
    {
        var decoder = new RecordDecoder(_registry);
        var validator = new SampleValidator(new ValidationSettings());
        var rules = new RuleSettings();
        var sample = new GpuSample();
        TopicReader.ForEach(bootstrap, FleetLoad.Topic, record => Replay(record, decoder, validator, rules, sample));
    }

    // As a node's batcher does it.
    private void Replay(ConsumeResult<byte[], byte[]> record, RecordDecoder decoder, SampleValidator validator, RuleSettings rules, GpuSample sample)
    {
        sample.Clear();
        if (decoder.Decode(record.Message.Value, [], sample) != RejectReason.None || validator.Validate(sample, record.Message.Timestamp.UnixTimestampMs) != RejectReason.None)
        {
            return;
        }

        sample.Partition = record.Partition.Value;
        sample.Offset = record.Offset.Value;
        sample.AppendTimeMs = record.Message.Timestamp.UnixTimestampMs;
        if (!_expected.TryGetValue(sample.Gpu.Id, out var state))
        {
            _expected[sample.Gpu.Id] = state = new GpuState(sample.Gpu.Id);
        }

        state.Apply(sample, rules, _transitions);
        _transitions.Clear();
    }

    private static string? Difference(GpuState expected, GpuState? kept)
    {
        if (kept is null)
        {
            return "is in no checkpoint";
        }

        if (kept.Samples != expected.Samples)
        {
            return string.Create(CultureInfo.InvariantCulture, $"has {kept.Samples} samples of {expected.Samples}");
        }

        foreach (var metric in MetricWindows.Windowed)
        {
            for (var minute = 0; minute < MinutesKept; minute++)
            {
                var at = expected.TimeMs - (minute * MinuteMs);
                if (expected.Windows.LastMinutes(metric, 1, at) is var wanted && kept.Windows.LastMinutes(metric, 1, at) is var found && wanted != found)
                {
                    return $"differs in {metric}, minute {at / MinuteMs}: {Told(found)} for {Told(wanted)}";
                }
            }

            for (var hour = 0; hour < HoursKept; hour++)
            {
                var at = expected.TimeMs - (hour * HourMs);
                if (expected.Windows.LastHours(metric, 1, at) is var wanted && kept.Windows.LastHours(metric, 1, at) is var found && wanted != found)
                {
                    return $"differs in {metric}, hour {at / HourMs}: {Told(found)} for {Told(wanted)}";
                }
            }
        }

        return null;
    }

    private static string Told(Bucket bucket) => string.Create(CultureInfo.InvariantCulture, $"{bucket.Count} values of sum {bucket.Sum:R}");
}
