using GpuActors.Core.Alerts;

namespace GpuActors.Engine.Protocol;

/// <summary>A transition on its way to the broker.</summary>
internal sealed class WaitingAlert(AlertTransition record, int partition, BatchTicket? ticket)
{
    /// <summary>Shard of its GPU.</summary>
    public int Partition => partition;

    /// <summary>Whether the producer has it.</summary>
    public bool IsSent { get; set; }

    /// <summary>What is, or will be, published.</summary>
    public AlertTransition Record { get; set; } = record;

    /// <summary>A part of it is completed once the broker has the record; null for none.</summary>
    public BatchTicket? Ticket => ticket;

    /// <summary>Whether its incident is still being asked for.</summary>
    public bool IsUndecided { get; set; }

    public string Key { get; } = KeyOf(record.AlertId, record.Seq);

    /// <summary>What tells transitions apart.</summary>
    public static string KeyOf(string alertId, int seq) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{alertId}/{seq}");
}
