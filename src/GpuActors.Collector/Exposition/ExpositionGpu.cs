using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Collector.Exposition;

/// <summary>
/// One GPU of one exporter: the sample that the current page fills, and the state that is carried over from the previous page.
/// </summary>
internal sealed class ExpositionGpu
{
    /// <summary>Throttle bits that the exporter counts, from bit 0.</summary>
    public const int ClockBits = 9;

    // NVLink numbers that fit the bit set; the largest GPUs have 36 links.
    private const int MostLinks = 64;

    // Polls with a throttle bit set after which it counts as set between two polls, too.
    private const int LastingPolls = 3;

    private const long NoPage = -1;

    private readonly double[] _events = new double[ClockBits];
    private readonly double[] _eventsBefore = new double[ClockBits];
    private readonly List<XidCount> _xidsBefore = [];
    private readonly ulong[] _linksSeen = new ulong[FamilyNames.Sums.Length];
    private readonly GpuWorkloads _workloads = new();
    private readonly ulong[] _linksKnown = new ulong[FamilyNames.Sums.Length];
    private double[] _links = [];
    private int _eventsEnded;
    private long _eventsPage = NoPage;
    private long _eventsPageBefore = NoPage;
    private UInt128 _fromInstance;
    private GpuInfo _info = GpuInfo.Unknown;
    private bool _infoOfLink;
    private GpuInfo? _withoutHost;
    private GpuInfo _withHost = GpuInfo.Unknown;

    public ExpositionGpu(GpuIdentity gpu)
    {
        Gpu = gpu;
        Sample.Gpu = gpu;
    }

    public GpuIdentity Gpu { get; }

    public GpuSample Sample { get; } = new();

    /// <summary>Descriptions from the label blocks of this GPU, each stored once.</summary>
    public KnownLabels Known { get; } = new();

    /// <summary>Number of the last page with this GPU.</summary>
    public long Page { get; private set; }

    /// <summary>Rows that contributed to the sample.</summary>
    public int Taken { get; private set; }

    public void Begin(long page, long timeMs)
    {
        Page = page;
        Taken = 0;
        Sample.Clear();
        Sample.TimeMs = timeMs;
        _fromInstance = 0;
        _info = GpuInfo.Unknown;
        _infoOfLink = true;
        _workloads.Begin();
        Array.Clear(_linksSeen);
    }

    /// <summary>Adds the description of the GPU from the labels of a row.</summary>
    public void Meet(ExpositionRow row)
    {
        // The first row counts, but the row of a link has fewer labels than others, so any other row replaces it.
        if (_infoOfLink && (ReferenceEquals(_info, GpuInfo.Unknown) || row.Link == RowLabels.NoLink))
        {
            _info = row.Info;
            _infoOfLink = row.Link != RowLabels.NoLink;
        }

        if (row.Workload is { } workload)
        {
            _workloads.Add(workload);
        }
    }

    /// <summary>
    /// Stores a value of the GPU. The first row counts, but a row of the GPU itself replaces a row of one of its MIG instances.
    /// </summary>
    /// <returns>False when the metric already has a value.</returns>
    public bool Take(int slot, double value, bool ofInstance)
    {
        ref var there = ref Sample.Values[slot];
        var bit = UInt128.One << slot;
        if (!double.IsNaN(there) && (ofInstance || (_fromInstance & bit) == 0))
        {
            return false;
        }

        _fromInstance = ofInstance ? _fromInstance | bit : _fromInstance & ~bit;
        there = value;
        Taken++;
        return true;
    }

    /// <summary>Stores the value of one link of a metric that is a sum over links.</summary>
    /// <returns>False when the link already has a value or its number is invalid.</returns>
    public bool TakeLink(int sum, int link, double value)
    {
        if (link >= MostLinks || (_linksSeen[sum] & (1UL << link)) != 0)
        {
            return false;
        }

        if (_links.Length == 0)
        {
            _links = new double[FamilyNames.Sums.Length * MostLinks];
        }

        _linksSeen[sum] |= 1UL << link;
        var metric = FamilyNames.Sums[sum];
        if (value >= metric.Min && value <= metric.Max)
        {
            _links[(sum * MostLinks) + link] = value;
            _linksKnown[sum] |= 1UL << link;
        }

        Taken++;
        return true;
    }

    /// <summary>Stores a windowed count of an XID.</summary>
    /// <returns>False when the code is already stored: exporters repeat it per MIG instance.</returns>
    public bool TakeXid(int code, double count)
    {
        foreach (var there in Sample.XidCounts)
        {
            if (there.Code == code)
            {
                return false;
            }
        }

        if (!Sample.AddXidCount(new XidCount(code, (int)Math.Min(count, int.MaxValue))))
        {
            return false;
        }

        Taken++;
        return true;
    }

    /// <summary>Stores a windowed count of polls with a throttle bit set.</summary>
    /// <param name="bit">Number of the bit; -1 on the row that reports that no bit was set.</param>
    /// <param name="count">The count; repetitions per MIG instance are equal.</param>
    public void TakeClockEvents(int bit, double count)
    {
        if (_eventsPage != Page)
        {
            _eventsPage = Page;
            Array.Clear(_events);
        }

        if (bit >= 0)
        {
            _events[bit] = count;
        }

        Taken++;
    }

    /// <summary>Completes the sample at the end of the page.</summary>
    /// <param name="whole">False when the page was truncated or a row could not be parsed. Rows may then be lost, so values that are
    /// derived from several rows are missing.</param>
    /// <param name="host">Host of the GPU when no row names it; empty for unknown.</param>
    public void Finish(bool whole, string host)
    {
        Sample.Info = _workloads.Complete(_info.Host.Length > 0 || host.Length == 0 ? _info : WithHost(host));
        if (whole)
        {
            SumLinks();
        }

        DeriveThrottleReasons(whole);
        KeepXids(whole);
    }

    private GpuInfo WithHost(string host)
    {
        if (!ReferenceEquals(_withoutHost, _info))
        {
            _withoutHost = _info;
            _withHost = _info with { Host = host };
        }

        return _withHost;
    }

    // A link whose row is absent keeps its last count: otherwise the sum of a counter would fall and rise with the row.
    private void SumLinks()
    {
        for (var sum = 0; sum < _linksSeen.Length; sum++)
        {
            var slot = (int)FamilyNames.Sums[sum].Metric;
            if (_linksSeen[sum] == 0 || _linksKnown[sum] == 0 || !double.IsNaN(Sample.Values[slot]))
            {
                continue;
            }

            var total = 0.0;
            foreach (var value in _links.AsSpan(sum * MostLinks, MostLinks))
            {
                total += value;
            }

            Sample.Values[slot] = total;
        }
    }

    // The exporter counts polls with the bit set in a sliding window (5 minutes by default). A bit counts as set on the page where its
    // count rises, and from several polls on also while the count stays equal, as it does between two polls and when the window is full;
    // it is cleared when the count falls, until it rises again. One poll must not look like a bit that is set for the whole window. Limits
    // of this method: a bit that is cleared before the window is full looks set until its first poll leaves the window; a bit that is set
    // for one poll while older polls leave is not seen; the first page after a start yields nothing. Field 112 has none of these limits and
    // takes precedence.
    private void DeriveThrottleReasons(bool whole)
    {
        if (_eventsPage != Page || !whole)
        {
            _eventsPageBefore = NoPage;
            return;
        }

        if (_eventsPageBefore == Page - 1 && !Sample.Has(Metric.ThrottleReasons))
        {
            var mask = 0;
            for (var bit = 0; bit < ClockBits; bit++)
            {
                var (count, before) = (_events[bit], _eventsBefore[bit]);
                _eventsEnded =
                    count > before ? _eventsEnded & ~(1 << bit)
                    : count < before ? _eventsEnded | (1 << bit)
                    : _eventsEnded;
                var lasts = count >= LastingPolls && count.Equals(before) && (_eventsEnded & (1 << bit)) == 0;
                mask |= count > before || lasts ? 1 << bit : 0;
            }

            Sample[Metric.ThrottleReasons] = mask;
        }

        _events.CopyTo(_eventsBefore, 0);
        _eventsPageBefore = Page;
    }

    // Readers take a count that appears as a new event, so counts that are missing only because the page was truncated are kept.
    private void KeepXids(bool whole)
    {
        if (!whole)
        {
            foreach (var before in _xidsBefore)
            {
                _ = TakeXid(before.Code, before.Count);
            }
        }

        _xidsBefore.Clear();
        foreach (var count in Sample.XidCounts)
        {
            _xidsBefore.Add(count);
        }
    }
}
