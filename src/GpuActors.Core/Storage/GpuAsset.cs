namespace GpuActors.Core.Storage;

/// <summary>What an inventory says of a GPU: a row of <c>gpu_assets</c>. Null means that it does not say it.</summary>
/// <param name="Gpu">UUID, or the serial number by which the inventory names the GPU.</param>
public sealed record GpuAsset(string Gpu)
{
    /// <summary>Product, such as <c>NVIDIA H100 80GB HBM3</c>.</summary>
    public string? Model { get; init; }

    /// <summary>Architecture, such as <c>hopper</c>.</summary>
    public string? Architecture { get; init; }

    /// <summary>CUDA compute capability, such as <c>9.0</c>.</summary>
    public string? ComputeCapability { get; init; }

    /// <summary>Size of the memory in GB.</summary>
    public int? MemoryGb { get; init; }

    /// <summary>Name of the host.</summary>
    public string? Hostname { get; init; }

    /// <summary>PCI bus id in the host.</summary>
    public string? PciBusId { get; init; }

    /// <summary>Rack.</summary>
    public string? Rack { get; init; }

    /// <summary>Cluster.</summary>
    public string? Cluster { get; init; }

    /// <summary>Data centre.</summary>
    public string? Datacenter { get; init; }

    /// <summary>Region.</summary>
    public string? Region { get; init; }

    /// <summary>Date of purchase.</summary>
    public DateOnly? PurchaseDate { get; init; }

    /// <summary>Date on which the GPU went into service.</summary>
    public DateOnly? DeploymentDate { get; init; }

    /// <summary>Last date of the warranty.</summary>
    public DateOnly? WarrantyExpiry { get; init; }

    /// <summary>Date on which the GPU is expected to be taken out of service.</summary>
    public DateOnly? ExpectedEol { get; init; }

    /// <summary>Tier of the service level agreement.</summary>
    public string? SlaTier { get; init; }

    /// <summary>Priority; its meaning is the operator's.</summary>
    public int? Priority { get; init; }

    /// <summary>Tags, as the text of a JSON object.</summary>
    public string? Tags { get; init; }

    /// <summary>Notes.</summary>
    public string? Notes { get; init; }
}
