namespace GpuActors.Core.Rules;

/// <summary>
/// Limits by product, for devices that do not publish their own (fields 151, 152, 153, 158, 159). The defaults equal
/// <c>hocon/gpu-models.conf</c>, which names their sources.
/// </summary>
public sealed record GpuModelPolicy
{
    /// <summary>For products that are not listed.</summary>
    public GpuModelLimits Other { get; init; } = new("", 85, 89, 95, null, 0, 0);

    /// <summary>By product; of several entries that match, the one with the longest <see cref="GpuModelLimits.Match"/> applies.</summary>
    public IReadOnlyList<GpuModelLimits> Models { get; init; } =
    [
        new("A100", 85, 89, 95, null, 4, 16),
        new("H100", 87, 89, 95, -2, 5, 16),
        new("H200", 87, 89, 95, -2, 5, 16),
        new("B200", 87, 89, 95, -3, 5, 16),
        new("GB200", 85, 87, 95, -2, 5, 16),
        new("GB300", 85, 87, 95, -2, 5, 16),
        new("L40", 85, 89, 95, -2, 4, 16),
    ];

    /// <summary>The defaults.</summary>
    public static GpuModelPolicy Default { get; } = new();

    /// <summary>Limits of a product by its name; those of <see cref="Other"/> when none fits.</summary>
    public GpuModelLimits For(string model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var best = Other;
        foreach (var limits in Models)
        {
            if (limits.Match.Length > best.Match.Length && model.Contains(limits.Match, StringComparison.OrdinalIgnoreCase))
            {
                best = limits;
            }
        }

        return best;
    }
}
