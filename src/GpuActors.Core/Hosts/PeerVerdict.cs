using GpuActors.Core.Samples;

namespace GpuActors.Core.Hosts;

/// <summary>How the NVLink traffic of a GPU compares with that of the other GPUs of its host.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="IsLow">Whether it is far below.</param>
/// <param name="BytesPerSecond">Its own rate.</param>
/// <param name="PeersBytesPerSecond">Median rate of the other GPUs that compute.</param>
public sealed record PeerVerdict(GpuId Gpu, bool IsLow, double BytesPerSecond, double PeersBytesPerSecond);
