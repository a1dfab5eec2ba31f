using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using GpuActors.Testing;
using Xunit;
using Xunit.Abstractions;

namespace GpuActors.EndToEnd;

/// <summary>
/// Inputs made of public reports on GPU faults: pages of exporters and kernel logs, each with its right alerts. Each case has a collector
/// of its own, an exporter that serves its pages, and a kernel log; all of them share one broker and one node. The folder of the cases is
/// named by GPUACTORS_CASES.
/// </summary>
public sealed class PublicCasesSpec(ITestOutputHelper output)
{
    // A GPU must have been heard of ten times before its absence is a fault, and absence takes three seconds.
    private const int Known = 12,
        Absent = 14;

    private static string? Folder => Environment.GetEnvironmentVariable("GPUACTORS_CASES");

    private static IReadOnlyList<Case> Cases =>
        [
            new("04-nvlink5-and-caused-by-previous-xid")
            {
                Logs = ["kern.log"],
                Alerts =
                [
                    "0 xid:145 warning",
                    "1 xid:137 warning",
                    "1 xid:148 critical",
                    "1 xid:149 critical",
                    "2 xid:145 warning",
                    "3 recovery_action critical",
                    "3 xid:149 critical",
                ],
            },
            new("06-memory-repair-messages")
            {
                Logs = ["kern.log"],
                Alerts =
                [
                    "0 xid:64 critical",
                    "1 xid:64 critical",
                    "2 xid:160 warning",
                    "3 xid:161 warning",
                    "4 xid:156 critical",
                    "5 xid:157 warning",
                    "6 xid:92 warning",
                    "7 xid:48 critical",
                ],
                Said =
                [
                    ("0 xid:64", "Row Remapping table is full"),
                    ("1 xid:64", "Remapping will occur when the GPU is reset"),
                    ("2 xid:160", "Perform node reboot"),
                    ("3 xid:161", "no more spare channels"),
                ],
            },
            new("07-talos-console-form-gsp-and-nvlink")
            {
                Logs = ["kern.log"],
                Alerts = ["1 xid:119 critical", "2 xid:62 critical", "2 xid:74 critical", "switch aa:00.0 sxid:24007 critical"],
                Said = [("switch aa:00.0 sxid:24007", "Link 12")],
            },
            new("08-sxid-three-lines-interleaved")
            {
                Logs = ["kern.log"],
                Alerts =
                [
                    "1 xid:79 critical",
                    "switch 05:00.0 sxid:20034 critical",
                    "switch 06:00.0 sxid:20034 critical",
                    "switch 07:00.0 sxid:20034 critical",
                    "switch 08:00.0 sxid:10001 warning",
                    "switch 08:00.0 sxid:22013 warning",
                    "switch 08:00.0 sxid:28006 warning",
                ],
                Paged = 1,
            },
            .. new[] { "kern.log", "messages.log", "dmesg.log", "journal.json" }.Select(
                (log, number) =>
                    new Case("09-fallen-off-without-xid")
                    {
                        Copy = number + 1,
                        Pages = [("page-1.txt", Known + 8), ("page-2.txt", Absent)],
                        LogsAfter = 4,
                        Logs = [log],
                        Alerts = ["3 gpu_lost critical", "3 xid:79 critical"],
                    }
            ),
            new("09-fallen-off-without-xid")
            {
                Copy = 5,
                Pages = [("page-1.txt", 6)],
                Logs = ["dmesg-T-79.log"],
                Alerts = ["* xid:79 critical"],
            },
            new("12-xid-95-storm")
            {
                Logs = ["kern.log"],
                Alerts = ["0 xid:79 critical", "2 xid:95 critical"],
                XidCounts = [(2, 95, 1_199)],
            },
            new("13-journal-json-and-iso-forms")
            {
                Logs = ["journal.json", "dmesg-iso.log", "dmesg-x.log", "short-iso.log", "short-monotonic.log", "kmsg.log"],
                Alerts =
                [
                    "0 xid:79 critical",
                    "0 xid:95 critical",
                    "1 xid:95 critical",
                    "2 xid:119 critical",
                    "3 xid:62 critical",
                    "3 xid:74 critical",
                    "4 xid:109 critical",
                    "4 xid:48 critical",
                ],
            },
            new("14-xid-74-registers-and-154-texts")
            {
                Logs = ["kern.log"],
                Alerts =
                [
                    "0 xid:74 critical",
                    "1 xid:74 critical",
                    "2 xid:71 warning",
                    "3 xid:51 warning",
                    "4 xid:79 critical",
                    "5 recovery_action critical",
                    "6 recovery_action warning",
                ],
                Resolved = ["6 recovery_action"],
                Said = [("0 xid:74", "link 14(0x0, 0x0, 0x10000,"), ("1 xid:74", "link 2(0x100000,")],
            },
            new("15-xid-gauge-absent-until-first-xid")
            {
                Pages = [.. Enumerable.Range(1, 6).Select(page => ($"page-{page}.txt", 4))],
                Alerts = ["1 xid:95 critical"],
            },
            new("15-xid-gauge-absent-until-first-xid") { Copy = 1, Pages = [("page-5.txt", 4), ("page-6.txt", 4)] },
            new("16-nvlink-bandwidth-is-a-rate") { Pages = [.. Enumerable.Range(1, 5).Select(page => ($"page-{page}.txt", 4))] },
            new("19-federate-page-with-timestamps")
            {
                Pages = [.. Enumerable.Range(1, 5).Select(page => ($"page-{page}.txt", 1))],
                Gpus = ["GPU-67610193-1c9f-5980-9497-ffc01327d115", "GPU-c0a21933-17fc-5563-8e4d-88a93e5feeb1"],
            },
            new("21-old-exporter-sentinels-and-blanks")
            {
                Pages = [("page.txt", 6)],
                Gpus = ["GPU-e7d578fc-51fe-53af-aa52-6aff64eb89aa", "GPU-f2d5475b-2d40-5aff-bd08-5086c729a955"],
            },
            new("28-nvswitch-rows-and-http-500")
            {
                Pages = [("page-1.txt", Known), ("page-2.txt", 4), ("page-3.txt", 20), ("page-4.txt", 4)],
                Failing = "page-3.txt",
                Alerts = ["exporter exporter_down warning"],
                Resolved = ["exporter exporter_down"],
                Said = [("exporter exporter_down", "HTTP 500")],
            },
            new("30-indices-move-after-a-lost-gpu")
            {
                Pages =
                [
                    ("page-1.txt", Known),
                    ("page-2.txt", 6),
                    ("", 10),
                    ("page-3.txt", Absent),
                    ("page-4.txt", 4),
                    ("page-5.txt", 4),
                    ("page-6.txt", 4),
                ],
                Alerts = ["3 gpu_lost critical"],
            },
        ];

    [SkippableFact]
    public async Task Every_case_has_exactly_its_alerts()
    {
        Skip.If(Folder is null || !Directory.Exists(Folder), "GPUACTORS_CASES names no folder of cases made of public reports");
        Skip.IfNot(KafkaServer.Missing is null, KafkaServer.Missing);
        await using var kafka = await KafkaServer.StartAsync(1);
        var folder = Directory.CreateTempSubdirectory("gpuactors-cases-");
        string[] broker = ["--set", $"kafka.bootstrap-servers={kafka.BootstrapServers}"];
        await using var node = RunningProgram.GpuActors([
            "node",
            "--roles",
            "detect,notify",
            "--set",
            "detect.checkpoints=false",
            "--set",
            "api.port=0",
            // The logs have the dates of their reports.
            "--set",
            "validation.max-age=3650d",
            .. broker,
        ]);
        var ready = await node.Line(line => line.Contains("ready", StringComparison.OrdinalIgnoreCase));
        var api = new Uri(ready.Split(' ', ',').Single(word => word.StartsWith("http://", StringComparison.Ordinal)));
        try
        {
            // A few collectors at a time: the others would only wait for the processor.
            foreach (var some in Cases.Chunk(5))
            {
                await Task.WhenAll(some.Select(one => one.Play(Folder!, folder.FullName, broker)));
            }

            var problems = new List<string>();
            await Eventually.Until(async () =>
            {
                var alerts = await Records(kafka.BootstrapServers, "gpu-alerts");
                var pages = await Records(kafka.BootstrapServers, "gpu-pages");
                problems.Clear();
                foreach (var one in Cases)
                {
                    problems.AddRange(one.Check(Folder!, alerts));
                    problems.AddRange(one.CheckPages(Folder!, pages));
                    problems.AddRange(await one.CheckCounts(Folder!, api));
                }

                return problems.Count == 0 || HasSettled(alerts);
            });
            var seen = (
                await RunningProgram.Run("kcat", "-b", kafka.BootstrapServers, "-t", "gpu-metrics-raw", "-C", "-e", "-q", "-f", "%k\\n")
            )
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .ToHashSet();
            problems.AddRange(Cases.SelectMany(one => one.CheckGpus(seen)));
            // Rows of NVSwitches and links are no GPUs, and no GPU is found twice.
            problems.AddRange(seen.Except(Cases.SelectMany(one => one.Uuids(Folder!))).Select(gpu => $"{gpu} is on no page"));
            problems.ForEach(output.WriteLine);
            Assert.Empty(problems);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // Collectors have ended, and nothing has come for a while.
    private int _seen;
    private int _unchanged;

    private bool HasSettled(IReadOnlyList<JsonElement> alerts)
    {
        _unchanged = alerts.Count == _seen ? _unchanged + 1 : 0;
        _seen = alerts.Count;
        return _unchanged > 10;
    }

    private static async Task<IReadOnlyList<JsonElement>> Records(string brokers, string topic)
    {
        var lines = await RunningProgram.Run("kcat", "-b", brokers, "-t", topic, "-C", "-e", "-q", "-o", "beginning");
        return [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    private sealed record Case(string Name)
    {
        /// <summary>Pages in their order, each with the number of scrapes that get it; an empty name is a host that is down.</summary>
        public IReadOnlyList<(string Page, int Scrapes)> Pages { get; init; } = [("page.txt", 10)];

        /// <summary>A page that is served with status 500.</summary>
        public string Failing { get; init; } = "";

        /// <summary>Logs, appended when so many scrapes are done.</summary>
        public IReadOnlyList<string> Logs { get; init; } = [];

        public int LogsAfter { get; init; } = 3;

        /// <summary>Above 0, another host with other GPUs has the same case.</summary>
        public int Copy { get; init; }

        /// <summary>All alerts that ever fire: GPU index or device, rule, code and severity.</summary>
        public IReadOnlyList<string> Alerts { get; init; } = [];

        /// <summary>Those of them that end.</summary>
        public IReadOnlyList<string> Resolved { get; init; } = [];

        /// <summary>What the summaries of some of them contain.</summary>
        public IReadOnlyList<(string Alert, string Text)> Said { get; init; } = [];

        /// <summary>Pages of incidents that open; null when that is not the point of the case.</summary>
        public int? Paged { get; init; }

        /// <summary>GPUs that must be seen; no others are.</summary>
        public IReadOnlyList<string> Gpus { get; init; } = [];

        /// <summary>How often an XID has come, by GPU index and code.</summary>
        public IReadOnlyList<(int Gpu, int Code, int Count)> XidCounts { get; init; } = [];

        private string Title => Copy == 0 ? Name : $"{Name} ({Copy})";

        public async Task Play(string cases, string scratch, string[] broker)
        {
            var log = Path.Combine(scratch, $"{Name}-{Copy}.log");
            await File.WriteAllTextAsync(log, "");
            using var exporter = new HttpListener();
            var port = FreePorts.Take(1)[0];
            exporter.Prefixes.Add($"http://127.0.0.1:{port}/");
            exporter.Start();
            await using var collector = RunningProgram.GpuActors([
                "collect",
                "--target",
                $"http://127.0.0.1:{port}/metrics",
                "--kernel-log",
                log,
                "--set",
                "collector.interval=500ms",
                "--set",
                $"collector.state-directory={Path.Combine(scratch, "state")}",
                .. broker,
            ]);
            await collector.Line(line => line.Contains("ready", StringComparison.OrdinalIgnoreCase));
            var scrapes = 0;
            var startMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            foreach (var (page, count) in Pages)
            {
                for (var scrape = 0; scrape < count; scrape++, scrapes++)
                {
                    var context = await exporter.GetContextAsync().WaitAsync(Eventually.Limit);
                    if (scrapes == LogsAfter)
                    {
                        foreach (var name in Logs)
                        {
                            await File.AppendAllTextAsync(log, Copied(await File.ReadAllTextAsync(Path.Combine(cases, Name, name))));
                        }
                    }

                    if (page.Length == 0)
                    {
                        context.Response.Abort();
                        continue;
                    }

                    context.Response.StatusCode = page == Failing ? 500 : 200;
                    var text = Shifted(Copied(await File.ReadAllTextAsync(Path.Combine(cases, Name, page))), startMs);
                    await using var body = new StreamWriter(context.Response.OutputStream);
                    await body.WriteAsync(text);
                }
            }

            await collector.Interrupt();
            await collector.Exited();
        }

        public IEnumerable<string> CheckPages(string cases, IReadOnlyList<JsonElement> pages)
        {
            // The alert that comes first may be that of a switch: the page names its host.
            var hosts = Hosts(cases);
            var opened = pages
                .Where(page => Text(page, "reason") == "opened")
                .Count(page => hosts.Any(host => page.ToString().Contains(host, StringComparison.Ordinal)));
            return Paged is { } expected && opened != expected ? [$"{Title}: {opened} pages, expected {expected}"] : [];
        }

        public IEnumerable<string> CheckGpus(IReadOnlyCollection<string> seen)
        {
            var missing = Gpus.Where(gpu => !seen.Contains(gpu)).ToList();
            return missing.Count > 0 ? [$"{Title}: no samples of {string.Join(", ", missing)}"] : [];
        }

        public IEnumerable<string> Check(string cases, IReadOnlyList<JsonElement> records)
        {
            var uuids = Uuids(cases);
            var hosts = Hosts(cases);
            var own = records
                .Where(record =>
                    uuids.Contains(Text(record, "gpu"))
                    || (!Text(record, "gpu").StartsWith("GPU-", StringComparison.Ordinal) && hosts.Contains(Host(record)))
                )
                .Where(record => Text(record, "rule") != "flapping")
                .ToList();
            var fired = own.Where(record => Text(record, "state") == "firing")
                .Select(record => $"{NameOf(record)} {Text(record, "severity")}")
                .Order(StringComparer.Ordinal)
                .ToList();
            if (!fired.SequenceEqual(Alerts.Select(alert => Any(alert, fired)).Order(StringComparer.Ordinal)))
            {
                yield return $"{Title}: fired [{string.Join(", ", fired)}], expected [{string.Join(", ", Alerts)}]";
            }

            var resolved = own.Where(record => Text(record, "state") == "resolved").Select(NameOf).Order(StringComparer.Ordinal).ToList();
            if (!resolved.SequenceEqual(Resolved.Order(StringComparer.Ordinal)))
            {
                yield return $"{Title}: resolved [{string.Join(", ", resolved)}], expected [{string.Join(", ", Resolved)}]";
            }

            foreach (var (alert, text) in Said)
            {
                var summary = own.Where(record => NameOf(record) == alert).Select(record => Text(record, "summary")).FirstOrDefault() ?? "";
                if (!summary.Contains(text, StringComparison.Ordinal))
                {
                    yield return $"{Title}: {alert} says '{summary}', expected '{text}'";
                }
            }
        }

        public async Task<IReadOnlyList<string>> CheckCounts(string cases, Uri api)
        {
            var problems = new List<string>();
            using var http = new HttpClient();
            foreach (var (gpu, code, expected) in XidCounts)
            {
                var uuid = Regex.Match(AllText(cases), $"gpu=\"{gpu}\",\\s*UUID=\"([^\"]+)\"").Groups[1].Value;
                using var status = JsonDocument.Parse(await http.GetStringAsync(new Uri(api, $"/api/gpu/{uuid}/status")));
                var count = status
                    .RootElement.GetProperty("xids")
                    .EnumerateArray()
                    .Where(xid => xid.GetProperty("code").GetInt32() == code)
                    .Select(xid => xid.GetProperty("count").GetInt64())
                    .FirstOrDefault();
                if (count != expected)
                {
                    problems.Add($"{Title}: XID {code} of GPU {gpu} came {count} times, expected {expected}");
                }
            }

            return problems;
        }

        // "*" stands for whichever GPU it is.
        private static string Any(string alert, List<string> fired) =>
            alert.StartsWith("* ", StringComparison.Ordinal)
                ? fired.Find(one => one.EndsWith(alert[1..], StringComparison.Ordinal)) ?? alert
                : alert;

        private static string NameOf(JsonElement record)
        {
            var labels = record.GetProperty("labels");
            var gpu = Text(record, "gpu");
            var device =
                gpu.StartsWith("NVSWITCH-", StringComparison.Ordinal) ? $"switch {gpu[^7..]}"
                : gpu.StartsWith("EXPORTER-", StringComparison.Ordinal) ? "exporter"
                : Text(labels, "gpu_index");
            var code = Text(labels, "xid");
            return $"{device} {Text(record, "rule")}{(code.Length > 0 ? ":" + code : "")}";
        }

        private static string Host(JsonElement record) => Text(record.GetProperty("labels"), "host");

        private static string Text(JsonElement record, string name) => record.TryGetProperty(name, out var value) ? value.ToString() : "";

        private string AllText(string cases) =>
            Copied(string.Concat(Directory.GetFiles(Path.Combine(cases, Name), "page*.txt").Order().Select(File.ReadAllText)));

        private HashSet<string> Hosts(string cases) =>
            [.. Regex.Matches(AllText(cases), "[Hh]ostname=\"([^\"]+)\"").Select(match => match.Groups[1].Value)];

        public HashSet<string> Uuids(string cases) =>
            [.. Regex.Matches(AllText(cases), "UUID=\"([^\"]+)\"").Select(match => match.Groups[1].Value)];

        // Another host with other GPUs.
        private string Copied(string text) =>
            Copy == 0
                ? text
                : Regex
                    .Replace(text, "GPU-([0-9a-f]{8})-", match => $"GPU-{Copy}{match.Groups[1].Value[1..]}-")
                    .Replace("h100-node-5d", $"h100-node-5d-{Copy}", StringComparison.Ordinal)
                    .Replace("h200-node-02", $"h200-node-02-{Copy}", StringComparison.Ordinal);

        // The newest time of the first page becomes the time of the start.
        private static string Shifted(string page, long startMs) =>
            Regex.Replace(
                page,
                " (17[0-9]{11})$",
                match => $" {startMs + long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) - FirstMs}",
                RegexOptions.Multiline
            );

        private const long FirstMs = 1757422400000;
    }
}
