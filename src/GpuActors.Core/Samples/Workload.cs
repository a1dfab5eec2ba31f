namespace GpuActors.Core.Samples;

/// <summary>
/// The Kubernetes workload that uses a GPU, taken from the labels of the exporter's rows. If several containers share the GPU by
/// time-slicing, each member lists all of them, separated by commas. A text longer than <see cref="TextLimits.Workload"/> is cut.
/// </summary>
/// <param name="Namespace">Kubernetes namespace; empty if unknown.</param>
/// <param name="Pod">Pod; empty if unknown.</param>
/// <param name="Container">Container; empty if unknown.</param>
public sealed record Workload(string Namespace, string Pod, string Container)
{
    /// <inheritdoc/>
    public string Namespace
    {
        get;
        init => field = Cut(value);
    } = Cut(Namespace);

    /// <inheritdoc/>
    public string Pod
    {
        get;
        init => field = Cut(value);
    } = Cut(Pod);

    /// <inheritdoc/>
    public string Container
    {
        get;
        init => field = Cut(value);
    } = Cut(Container);

    private static string Cut(string text) => TextLimits.Cut(text, TextLimits.Workload);
}
