using GpuActors.Core.Samples;

namespace GpuActors.Core.Hosts;

/// <summary>What a GPU's NVLink traffic is worth beside that of its neighbours.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="IsLow">Whether it is far below theirs.</param>
/// <param name="BytesPerSecond">Its own rate.</param>
/// <param name="PeersBytesPerSecond">Median rate of the neighbours that compute.</param>
public sealed record PeerVerdict(GpuId Gpu, bool IsLow, double BytesPerSecond, double PeersBytesPerSecond);
