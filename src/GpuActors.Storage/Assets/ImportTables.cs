using GpuActors.Core.Histories;
using GpuActors.Core.Storage;
using NpgsqlTypes;

namespace GpuActors.Storage.Assets;

/// <summary>The tables that imports write.</summary>
internal static class ImportTables
{
    /// <summary>An inventory.</summary>
    public static ImportTable<GpuAsset> Assets { get; } =
        new(
            "gpu_assets",
            [
                new("gpu_uuid", NpgsqlDbType.Text, ImportRule.Key, a => a.Gpu),
                Asset("model", a => a.Model),
                Asset("architecture", a => a.Architecture),
                Asset("compute_capability", a => a.ComputeCapability),
                Asset("memory_gb", a => a.MemoryGb, NpgsqlDbType.Integer),
                Asset("hostname", a => a.Hostname),
                Asset("pci_bus_id", a => a.PciBusId),
                Asset("rack_id", a => a.Rack),
                Asset("cluster_id", a => a.Cluster),
                Asset("datacenter", a => a.Datacenter),
                Asset("region", a => a.Region),
                Asset("purchase_date", a => a.PurchaseDate, NpgsqlDbType.Date),
                Asset("deployment_date", a => a.DeploymentDate, NpgsqlDbType.Date),
                Asset("warranty_expiry", a => a.WarrantyExpiry, NpgsqlDbType.Date),
                Asset("expected_eol", a => a.ExpectedEol, NpgsqlDbType.Date),
                Asset("sla_tier", a => a.SlaTier),
                Asset("priority", a => a.Priority, NpgsqlDbType.Integer),
                Asset("tags", a => a.Tags, NpgsqlDbType.Jsonb),
                Asset("notes", a => a.Notes),
            ]
        );

    /// <summary>What a log says of an asset: when it was deployed, which an inventory knows better.</summary>
    public static ImportTable<(string Gpu, DateOnly Date)> Deployments { get; } =
        new(
            "gpu_assets",
            [
                new("gpu_uuid", NpgsqlDbType.Text, ImportRule.Key, d => d.Gpu),
                new("deployment_date", NpgsqlDbType.Date, ImportRule.KeepUnlessNull, d => d.Date),
            ]
        );

    /// <summary>Times in service. The last log wins, so that a wrong end can be corrected.</summary>
    public static ImportTable<LifeSpan> Service { get; } =
        new(
            "gpu_service",
            [
                new("gpu_uuid", NpgsqlDbType.Text, ImportRule.Key, s => s.Gpu),
                new("inserted", NpgsqlDbType.TimestampTz, ImportRule.Key, s => s.InsertedMs),
                new("location", NpgsqlDbType.Text, ImportRule.Key, s => s.Location),
                new("removed", NpgsqlDbType.TimestampTz, ImportRule.Replace, s => s.RemovedMs),
            ]
        );

    /// <summary>Failures.</summary>
    public static ImportTable<GpuFailure> Failures { get; } =
        new(
            "gpu_failures",
            [
                new("gpu_uuid", NpgsqlDbType.Text, ImportRule.Key, f => f.Gpu),
                new("time", NpgsqlDbType.TimestampTz, ImportRule.Key, f => f.TimeMs),
                new("event", NpgsqlDbType.Text, ImportRule.Key, f => f.Event),
                new("location", NpgsqlDbType.Text, ImportRule.Key, f => f.Location),
                new("source", NpgsqlDbType.Text, ImportRule.KeepUnlessNull, f => f.Source),
                new("failure_type", NpgsqlDbType.Text, ImportRule.ReplaceUnlessNull, f => f.Type),
                new("evidence", NpgsqlDbType.Jsonb, ImportRule.ReplaceUnlessNull, f => f.Evidence),
                new("replaced_by", NpgsqlDbType.Text, ImportRule.ReplaceUnlessNull, f => f.ReplacedBy),
            ]
        );

    private static ImportColumn<GpuAsset> Asset(string name, Func<GpuAsset, object?> value, NpgsqlDbType type = NpgsqlDbType.Text) =>
        new(name, type, ImportRule.ReplaceUnlessNull, value);
}
