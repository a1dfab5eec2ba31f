using GpuActors.Core.Alerts;
using GpuActors.Engine.Detect;

namespace GpuActors.Engine.Alerts;

/// <summary>A transition on its way to the broker.</summary>
internal sealed class WaitingAlert(AlertTransition record, BatchTicket? ticket)
{
    /// <summary>What is, or will be, published.</summary>
    public AlertTransition Record { get; set; } = record;

    /// <summary>A part of it is completed once the broker has the record; null for none.</summary>
    public BatchTicket? Ticket => ticket;

    /// <summary>Whether its incident is still being asked for.</summary>
    public bool IsUndecided { get; set; }

    public string Key { get; } = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{record.AlertId}/{record.Seq}");
}
