using System.Globalization;
using System.Text;
using System.Text.Json;

namespace GpuActors.EndToEnd;

/// <summary>
/// Random records that are well-formed JSON, with hostile texts, numbers and members: samples, nested events and lines of kernel logs. The
/// same seed gives the same records, apart from their times.
/// </summary>
internal sealed class HostileRecords(int seed, DateTimeOffset now)
{
    private static readonly string[] Metrics =
    [
        "gpu_temp",
        "memory_temp",
        "power_usage",
        "energy_consumption",
        "throttle_reasons",
        "xid_errors",
        "ecc_dbe_volatile",
        "ecc_sbe_volatile",
        "gpu_utilization",
        "fb_used",
        "sm_clock",
        "pcie_replay_counter",
        "row_remap_pending",
        "no_such_metric",
    ];

    // As they stand in JSON.
    private static readonly string[] Numbers =
    [
        "0",
        "-0",
        "-0.0",
        "61",
        "95",
        "1e999",
        "-1e999",
        "1e-999",
        "1e308",
        "5e-324",
        "2147483632",
        "2147483647",
        "2147483648",
        "9223372036854775794",
        "9223372036854775807",
        "18446744073709551615",
        "99999999999999999999999999999999",
        "0.1e1",
        "1E+2",
        "3.4028236e38",
        "128",
        "79",
        "0.30000000000000004441",
    ];

    private static readonly string[] NoNumbers = ["null", "\"61\"", "true", "{}", "[61]", "\"NaN\""];

    private static readonly string[] Texts =
    [
        "",
        " ",
        "\\u0000",
        "a\\u0000b",
        "\\ud83d\\udd25",
        "\\u202e\\u200b\\ufeff",
        "\\\"\\\\\\/\\b\\f\\n\\r\\t",
        "'; drop table gpu_metrics; --",
        "%s%n{0}${a}#{b}",
        "../../..",
        "~shard-3",
        "~shard-99",
        "shard 3",
        "$a",
        "*",
        "NaN",
        "null",
        "ÅßçÐ漢字🔥",
        "\\u007f\\u0080\\u009f",
    ];

    private static readonly string[] Ids =
    [
        "~shard-3",
        "~shard-99",
        "~shard-0",
        "shard-1",
        "..",
        ".",
        "*",
        "$a/b?c#1",
        "%2e%2e",
        "akka://gpuactors/user",
        "GPU-{0}",
        "'--",
        "null",
    ];

    private readonly Random _random = new(seed);
    private readonly StringBuilder _text = new();

    /// <summary>The next record: topic, key and value.</summary>
    public (string Topic, byte[]? Key, byte[] Value) Next()
    {
        var gpu = Gpu();
        var (topic, value) = _random.Next(50) switch
        {
            0 => ("gpu-logs", Line(gpu)),
            < 6 => ("gpu-metrics-raw", Nested(gpu)),
            _ => ("gpu-metrics-raw", Sample(gpu)),
        };
        var key = _random.Next(20) switch
        {
            0 => null,
            1 => Encoding.UTF8.GetBytes(Texts[_random.Next(Texts.Length)]),
            _ => Encoding.UTF8.GetBytes(gpu),
        };
        return (topic, key, Encoding.UTF8.GetBytes(value));
    }

    private string Sample(string gpu)
    {
        Begin();
        Member("v", Rarely(100) ? Pick(Numbers) : "1");
        Member("gpu", Quoted(gpu));
        Member("ts", Quoted(Time()));
        TextMembers("host", "pci", "model", "driver", "ns", "pod", "container");
        if (Often())
        {
            Member("index", Rarely(10) ? Pick(Numbers) : Digits(_random.Next(8)));
        }

        if (Rarely(10))
        {
            Member(Pick(Texts), Anything(3));
        }

        Member("m", Values());
        if (Rarely(5))
        {
            Member("xids", $"{{\"{_random.Next(-1, 200)}\":{(Rarely(5) ? Pick(Numbers) : "3")}}}");
        }

        if (Rarely(50))
        {
            Member("mig", Anything(3));
        }

        return End();
    }

    private string Nested(string gpu)
    {
        Begin();
        Member("schema_version", "\"1.0\"");
        Member("event_type", "\"gpu_metric_sample\"");
        Member("timestamp", Quoted(Time()));
        Member("gpu", $"{{\"gpu_uuid\":{Quoted(gpu)},\"name\":{Text()},\"device_index\":{Pick(Numbers)}}}");
        Member("host", $"{{\"hostname\":{Text()}}}");
        Member("metrics", $"{{\"health\":{{\"gpu_temp_c\":{Number()},\"throttle_reasons\":{Number()}}},{Text()}:{Anything(2)}}}");
        return End();
    }

    private string Line(string gpu)
    {
        Begin();
        Member("v", "1");
        Member("gpu", Quoted(gpu));
        Member("ts", Quoted(Time()));
        Member("kind", Rarely(5) ? Text() : "\"xid\"");
        Member("code", Rarely(5) ? Pick(Numbers) : Digits(_random.Next(1, 170)));
        TextMembers("host", "pci", "message");
        return End();
    }

    private string Values()
    {
        var values = new StringBuilder("{");
        for (var i = _random.Next(6); i >= 0; i--)
        {
            var name = Rarely(20) ? Pick(Texts) : Pick(Metrics);
            values.Append(CultureInfo.InvariantCulture, $"{(values.Length > 1 ? "," : "")}\"{name}\":{Number()}");
        }

        return values.Append('}').ToString();
    }

    private string Number() =>
        _random.Next(50) switch
        {
            0 => Pick(NoNumbers),
            < 20 => Pick(Numbers),
            _ => Digits(_random.Next(-5, 120)),
        };

    private void TextMembers(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Often())
            {
                Member(name, Rarely(50) ? Pick(NoNumbers) : Text());
            }
        }
    }

    private string Text() =>
        Rarely(100) ? Pick(["\"\\ud800\"", "\"\\udc00\\ud800\""])
        : Rarely(2_000) ? $"\"{new string('x', 50_000)}{Pick(Texts)}\""
        : Rarely(20) ? $"\"{Pick(Texts)}{Digits(_random.Next(1_000))}\""
        : $"\"{Pick(Texts)}\"";

    private string Anything(int depth) =>
        depth == 0 || Often() ? Text()
        : _random.Next(3) == 0 ? $"[{Anything(depth - 1)},{Number()}]"
        : $"{{{Text()}:{Anything(depth - 1)}}}";

    private string Time() =>
        _random.Next(100) switch
        {
            0 => Pick(["", "yesterday", "2026-02-30T00:00:00Z", "9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00.000Z"]),
            1 => Written(now.AddDays(_random.Next(-10, 2))),
            _ => Written(now.AddMilliseconds(_random.Next(-60_000, 60_000))),
        };

    // A fleet of a few hundred, and now and then one that was never seen.
    private string Gpu() =>
        Rarely(200) ? $"GPU-{_random.NextInt64():x}"
        : Rarely(10) ? Pick(Ids)
        : Rarely(200) ? Pick(Texts)
        : $"GPU-{_random.Next(200):x8}-0000-0000-0000-000000000000";

    private void Begin() => _text.Clear().Append('{');

    private string End() => _text.Append('}').ToString();

    private void Member(string name, string json) =>
        _text.Append(CultureInfo.InvariantCulture, $"{(_text.Length > 1 ? "," : "")}\"{name}\":{json}");

    private string Pick(ReadOnlySpan<string> of) => of[_random.Next(of.Length)];

    private bool Rarely(int oneIn) => _random.Next(oneIn) == 0;

    private bool Often() => _random.Next(2) == 0;

    private static string Quoted(string text) =>
        text.Contains('\\', StringComparison.Ordinal) ? $"\"{text}\"" : JsonSerializer.Serialize(text);

    private static string Digits(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Written(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
