namespace GpuActors.Host.Configuration;

/// <summary>
/// The configuration cannot be used. The text names the key's full path, where its value comes from, the value and the remedy.
/// </summary>
internal sealed class ConfigurationException : Exception
{
    public ConfigurationException(IReadOnlyList<string> problems)
        : base(string.Join(Environment.NewLine, problems)) => Problems = problems;

    public ConfigurationException(string problem)
        : this([problem]) { }

    /// <summary>Everything that is wrong, one text each: a person mends all of it in one go.</summary>
    public IReadOnlyList<string> Problems { get; }
}
