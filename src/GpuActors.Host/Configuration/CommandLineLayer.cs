using Akka.Configuration;

namespace GpuActors.Host.Configuration;

/// <summary>The values of <c>--set key=value</c>. The last of two for one key wins.</summary>
internal static class CommandLineLayer
{
    public static ConfigLayer Read(IEnumerable<string> assignments)
    {
        var entries = new Dictionary<string, ConfigValue>(StringComparer.Ordinal);
        var akka = Config.Empty;
        foreach (var assignment in assignments)
        {
            var at = assignment.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
            {
                throw new ConfigurationException(
                    $"--set {assignment}: expected key=value, such as --set kafka.bootstrap-servers=broker:9092"
                );
            }

            var key = assignment[..at].Trim();
            var value = assignment[(at + 1)..];
            if (key.StartsWith("akka.", StringComparison.Ordinal))
            {
                var text = value.StartsWith('[')
                    ? value
                    : $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
                akka = HoconReader.Read($"{key} = {text}", $"--set {assignment}").Akka!.WithFallback(akka);
            }
            else
            {
                entries[key.StartsWith(HoconReader.Root + ".", StringComparison.Ordinal) ? key : $"{HoconReader.Root}.{key}"] =
                    ConfigValue.Of(value);
            }
        }

        return new ConfigLayer("--set", entries, akka.IsEmpty ? null : akka);
    }
}
