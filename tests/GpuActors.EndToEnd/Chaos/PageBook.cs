using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>
/// What NOTIFY has published of a run, as a reader of committed records sees it. Each incident must have its pages once, numbered without a
/// gap, the last of them <c>resolved</c>; every alert of an undisturbed time must be in an incident that woke somebody while it was open.
/// </summary>
internal sealed class PageBook
{
    // The next active node starts at most this long after a node's death.
    private const long TakeoverMs = 20_000;

    private readonly List<PublishedPage> _pages;
    private readonly List<PublishedAlert> _alerts;
    private readonly Dictionary<string, string> _incidentOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _stateOf = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ofTheEnd = new(StringComparer.Ordinal);

    private PageBook(List<PublishedPage> pages, List<PublishedAlert> alerts, List<JsonElement> incidents)
    {
        _pages = pages;
        _alerts = alerts;
        foreach (var incident in incidents.OrderBy(i => i.GetProperty("seq").GetInt32()))
        {
            var id = incident.GetProperty("incident_id").GetString()!;
            _stateOf[id] = incident.GetProperty("state").GetString()!;
            foreach (var member in incident.GetProperty("members").EnumerateArray())
            {
                _incidentOf[member.GetProperty("alert_id").GetString()!] = id;
                if (member.GetProperty("rule").GetString() != "power_brake")
                {
                    // When the load ends, its GPUs become absent.
                    _ofTheEnd.Add(id);
                }
            }
        }
    }

    /// <summary>Whether every incident is resolved, and every one that paged has told its end.</summary>
    public bool IsComplete => _stateOf.Count > 0 && Open == 0 && Unended.Count == 0;

    private int Open => _stateOf.Count(state => state.Value != "resolved" && !_ofTheEnd.Contains(state.Key));

    private List<string> Unended =>
        [
            .. _pages
                .Where(page => !_ofTheEnd.Contains(page.Incident))
                .GroupBy(page => page.Incident)
                .Where(g => g.MaxBy(page => page.Ordinal)!.Reason != "resolved")
                .Select(g => g.Key),
        ];

    /// <summary>Reads the topics.</summary>
    public static Task<PageBook> Read(ChaosRig rig) =>
        Task.Run(async () =>
        {
            var bootstrap = rig.Kafka.BootstrapServers;
            var alerts = await PublishedAlert.ReadAll(bootstrap);
            return new PageBook(
                TopicReader.Read(bootstrap, "gpu-pages", PublishedPage.Of),
                alerts,
                TopicReader.Read(bootstrap, "gpu-incidents", record => JsonDocument.Parse(record.Message.Value).RootElement)
            );
        });

    /// <summary>Puts what is wrong into the books. The nodes have stopped.</summary>
    public static async Task Check(ChaosRig rig, Books books)
    {
        var book = await Read(rig);
        books.Note(
            string.Create(CultureInfo.InvariantCulture, $"{book._stateOf.Count} incidents, {book._pages.Count} pages ")
                + $"({string.Join(", ", book._pages.GroupBy(p => p.Reason).OrderBy(g => g.Key).Select(g => $"{g.Count()} {g.Key}"))})."
        );
        var twice = book._pages.GroupBy(page => page.Id).Where(g => g.Count() > 1).ToList();
        books.Demand(twice.Count == 0, $"{twice.Count} pages were published more than once, such as {twice.FirstOrDefault()?.First()}");
        var named = book._pages.Where(page => page.Id != page.ExpectedId).ToList();
        books.Demand(named.Count == 0, $"{named.Count} pages have another id than their incident gives, such as {named.FirstOrDefault()}");
        var gaps = book
            ._pages.GroupBy(page => page.Incident)
            .Where(g => !g.Select(page => page.Ordinal).Order().SequenceEqual(Enumerable.Range(1, g.Count())))
            .ToList();
        books.Demand(gaps.Count == 0, $"{gaps.Count} incidents have a gap in their pages, such as {gaps.FirstOrDefault()?.Key}");
        books.Demand(book.Unended.Count == 0, $"{book.Unended.Count} incidents that paged did not tell their end");
        books.Demand(book.Open == 0, $"{book.Open} incidents are still open");
        var untold = book.Untold([.. rig.Disturbances]);
        books.Demand(untold.Count == 0, $"{untold.Count} alerts woke nobody, such as {untold.FirstOrDefault()}");
    }

    private List<PublishedAlert> Untold(IReadOnlyList<Disturbance> disturbances)
    {
        var ends = _alerts.Where(a => !a.IsFiring).GroupBy(a => a.AlertId).ToDictionary(g => g.Key, g => g.First().AppendMs);
        var wakes = _pages.Where(page => page.Wakes).ToLookup(page => page.Incident);
        return
        [
            .. _alerts.Where(a =>
                a is { IsFiring: true, Rule: "power_brake" }
                && disturbances.All(d => d.What == Disturbance.Nothing || !Overlaps(d, a.AppendMs))
                && !(
                    _incidentOf.TryGetValue(a.AlertId, out var incident)
                    && wakes[incident].Any(page => page.AtMs <= ends.GetValueOrDefault(a.AlertId, long.MaxValue))
                )
            ),
        ];
    }

    private static bool Overlaps(Disturbance disturbance, long atMs) =>
        atMs >= disturbance.FromMs - TakeoverMs && atMs <= disturbance.UntilMs + TakeoverMs;

    private sealed record PublishedPage(string Id, string Incident, int Ordinal, string Reason, bool Wakes, long AtMs)
    {
        public string ExpectedId
        {
            get
            {
                var reason = string.Concat(Reason.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
                return Convert.ToHexStringLower(
                    SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Incident}|{reason}|{Ordinal}")))
                )[..32];
            }
        }

        public static PublishedPage Of(ConsumeResult<byte[], byte[]> record)
        {
            using var document = JsonDocument.Parse(record.Message.Value);
            var json = document.RootElement;
            return new PublishedPage(
                json.GetProperty("page_id").GetString()!,
                json.GetProperty("incident_id").GetString()!,
                json.GetProperty("ordinal").GetInt32(),
                json.GetProperty("reason").GetString()!,
                json.GetProperty("wakes").GetBoolean(),
                DateTimeOffset.Parse(json.GetProperty("at").GetString()!, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds()
            );
        }
    }
}
