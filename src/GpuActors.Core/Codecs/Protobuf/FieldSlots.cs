using GpuActors.Core.Metrics;

namespace GpuActors.Core.Codecs.Protobuf;

/// <summary>Maps DCGM field ids to the metric slots of a sample.</summary>
internal static class FieldSlots
{
    private static readonly short[] Slots = Build();

    /// <summary>Gets the slot of the metric with a field id; -1 if the catalogue does not contain it.</summary>
    public static int Of(uint fieldId) => fieldId < (uint)Slots.Length ? Slots[fieldId] : -1;

    private static short[] Build()
    {
        var slots = new short[MetricCatalog.All.Max(m => m.DcgmFieldId) + 1];
        Array.Fill(slots, (short)-1);
        foreach (var metric in MetricCatalog.All)
        {
            slots[metric.DcgmFieldId] = (short)metric.Metric;
        }

        return slots;
    }
}
