namespace GpuActors.Core.Samples;

/// <summary>
/// Who uses the GPU, as an exporter on Kubernetes labels its rows. Several containers under time-slicing stand in one text, separated by
/// commas.
/// </summary>
/// <param name="Namespace">Kubernetes namespace; empty when unknown.</param>
/// <param name="Pod">Pod; empty when unknown.</param>
/// <param name="Container">Container; empty when unknown.</param>
public sealed record Workload(string Namespace, string Pod, string Container);
