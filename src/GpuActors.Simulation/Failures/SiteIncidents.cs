namespace GpuActors.Simulation.Failures;

/// <summary>What happens at a host and its rack, whatever its GPUs do. All GPUs of a host see the same.</summary>
internal sealed class SiteIncidents
{
    public static SiteIncidents None { get; } = new();

    public IReadOnlyList<HourSpan> Reboots { get; private init; } = [];

    public IReadOnlyList<HourSpan> Outages { get; private init; } = [];

    public IReadOnlyList<HourSpan> Freezes { get; private init; } = [];

    public IReadOnlyList<HourSpan> HotAir { get; private init; } = [];

    public IReadOnlyList<HourSpan> PowerBrakes { get; private init; } = [];

    public IReadOnlyList<HourSpan> XidStorms { get; private init; } = [];

    public static SiteIncidents Of(SiteParameters site, int seed, int host, int rack, double hours)
    {
        const double RebootHours = 1.0 / 6,
            StormHours = 3;
        return new()
        {
            Reboots = Spans(StreamOf.Reboots, host, site.DaysBetweenReboots, _ => RebootHours),
            Outages = Spans(StreamOf.Outages, host, site.DaysBetweenOutages, draw => draw * site.OutageHours),
            Freezes = Spans(StreamOf.Freezes, host, site.DaysBetweenFreezes, draw => draw * site.FreezeHours),
            HotAir = Spans(StreamOf.HotAir, rack, site.DaysBetweenHotAir, draw => draw * site.HotAirHours),
            PowerBrakes = Spans(StreamOf.PowerBrakes, rack, site.DaysBetweenPowerBrakes, _ => site.PowerBrakeHours),
            XidStorms = Spans(StreamOf.XidStorms, host, site.DaysBetweenXidStorms, _ => StormHours),
        };

        List<HourSpan> Spans(StreamOf part, int number, double days, Func<double, double> length)
        {
            var spans = new List<HourSpan>();
            var random = Draws.Stream(seed, part, number);
            for (var hour = 24 * days * random.NextExponential(); hour < hours; hour += 24 * days * random.NextExponential())
            {
                spans.Add(new(hour, hour + length(random.NextExponential())));
                hour = spans[^1].To;
            }

            return spans;
        }
    }
}
