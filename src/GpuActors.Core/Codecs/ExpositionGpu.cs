using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <summary>
/// One GPU of one exporter: the sample that the page at hand fills, and the little that must be known of the page before.
/// </summary>
internal sealed class ExpositionGpu
{
    /// <summary>Throttle bits that the exporter counts, from bit 0.</summary>
    public const int ClockBits = 9;

    // NVLink numbers that fit a set; the largest parts have 36 links.
    private const int MostLinks = 64;

    private const long NoPage = -1;

    private readonly double[] _events = new double[ClockBits];
    private readonly double[] _eventsBefore = new double[ClockBits];
    private readonly List<XidCount> _xidsBefore = [];
    private readonly ulong[] _linksSeen = new ulong[FamilyNames.Sums.Length];
    private readonly GpuWorkloads _workloads = new();
    private readonly ulong[] _linksKnown = new ulong[FamilyNames.Sums.Length];
    private double[] _links = [];
    private long _eventsPage = NoPage;
    private long _eventsPageBefore = NoPage;
    private UInt128 _fromInstance;
    private GpuInfo _info = GpuInfo.Unknown;
    private bool _infoOfLink;

    public ExpositionGpu(GpuIdentity gpu)
    {
        Gpu = gpu;
        Sample.Gpu = gpu;
    }

    public GpuIdentity Gpu { get; }

    public GpuSample Sample { get; } = new();

    /// <summary>What label blocks of this GPU say, each kept once.</summary>
    public KnownLabels Known { get; } = new();

    /// <summary>Number of the last page that named it.</summary>
    public long Page { get; private set; }

    /// <summary>Rows that gave the sample something.</summary>
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

    /// <summary>Takes what the labels of a row say of the GPU.</summary>
    public void Meet(ExpositionRow row)
    {
        // The first row speaks; but rows of links have fewer labels than others.
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
    /// Takes a value of the device. The first row counts, but a row of the GPU itself goes before one of its MIG instances.
    /// </summary>
    /// <returns>False when the value was there.</returns>
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

    /// <summary>Takes the value of one link of a metric that is the sum over links.</summary>
    /// <returns>False when the link was there, or is none.</returns>
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

    /// <summary>Takes a windowed count of an XID.</summary>
    /// <returns>False when the code was there: exporters repeat it per MIG instance.</returns>
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

    /// <summary>Takes a windowed count of polls with a throttle bit set.</summary>
    /// <param name="bit">Number of the bit; -1 on the row that only says that there was none.</param>
    /// <param name="count">The count; repeats per MIG instance are the same.</param>
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

    /// <summary>Completes the sample when the page is at its end.</summary>
    /// <param name="whole">False when the page was cut or a row could not be read: rows that are not there may only be lost, and what is
    /// made of
    /// several rows is missing.</param>
    public void Finish(bool whole)
    {
        Sample.Info = _workloads.Complete(_info);
        if (whole)
        {
            SumLinks();
        }

        DeriveThrottleReasons(whole);
        KeepXids(whole);
    }

    // A link whose row is absent keeps its last count: the sum of a counter must not fall and rise because a row came and went.
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

    // The exporter counts polls with the bit set in a sliding window (5 minutes by default): a count that rises has the bit set now; one
    // that stands still above 0 has as many polls entering as leaving, so it still is; one that falls has ended. What that costs: a bit
    // that ended before the window was full looks set until its first poll leaves the window; one set for a single poll while older ones
    // leave is not seen; the first page after a start says nothing. Field 112 has none of this, so it goes first wherever the page has it.
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
                mask |= _events[bit] > 0 && _events[bit] >= _eventsBefore[bit] ? 1 << bit : 0;
            }

            Sample[Metric.ThrottleReasons] = mask;
        }

        _events.CopyTo(_eventsBefore, 0);
        _eventsPageBefore = Page;
    }

    // A count that appears is a new event to its readers: one that is only lost with the rest of a cut page must not go.
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
