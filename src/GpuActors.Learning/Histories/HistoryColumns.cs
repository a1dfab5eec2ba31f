namespace GpuActors.Learning.Histories;

/// <summary>The columns of a life and repair log. Names are compared without regard to case.</summary>
public sealed record HistoryColumns
{
    /// <summary>Column of the GPU's serial number or UUID; each line must have one.</summary>
    public string Gpu { get; init; } = "gpu";

    /// <summary>Column of the location.</summary>
    public string Location { get; init; } = "location";

    /// <summary>Column of the start; may be empty in a line that has an event.</summary>
    public string Inserted { get; init; } = "inserted";

    /// <summary>Column of the end; empty if the GPU is in service.</summary>
    public string Removed { get; init; } = "removed";

    /// <summary>Column of the event; empty if nothing failed.</summary>
    public string Event { get; init; } = "event";

    /// <summary>All of them with the key that an option gives them.</summary>
    public IReadOnlyList<(string Key, string Column)> All =>
        [("gpu", Gpu), ("location", Location), ("inserted", Inserted), ("removed", Removed), ("event", Event)];

    /// <summary>Parses assignments such as <c>gpu=SN</c>.</summary>
    /// <exception cref="FormatException">An assignment has another form or an unknown key; the message names it.</exception>
    public static HistoryColumns Parse(IEnumerable<string> assignments)
    {
        ArgumentNullException.ThrowIfNull(assignments);
        var columns = new HistoryColumns();
        foreach (var assignment in assignments)
        {
            var parts = assignment.Split('=', 2, StringSplitOptions.TrimEntries);
            columns = parts switch
            {
                ["gpu", { Length: > 0 } name] => columns with { Gpu = name },
                ["location", { Length: > 0 } name] => columns with { Location = name },
                ["inserted", { Length: > 0 } name] => columns with { Inserted = name },
                ["removed", { Length: > 0 } name] => columns with { Removed = name },
                ["event", { Length: > 0 } name] => columns with { Event = name },
                _ => throw new FormatException(
                    $"column '{assignment}': it must be KEY=NAME, where KEY is one of {string.Join(", ", columns.All.Select(c => c.Key))}"
                ),
            };
        }

        return columns;
    }
}
