namespace GpuActors.Kafka.Settings;

/// <summary>Collects the errors of settings, so that a user sees all of them at once.</summary>
internal sealed class SettingErrors
{
    private readonly List<string> _all = [];

    public IReadOnlyList<string> All => _all;

    public void Require(bool ok, string name, object value, string remedy)
    {
        if (!ok)
        {
            _all.Add($"kafka: {name} = '{value}' is not usable: {remedy}");
        }
    }

    public void RequireRange(long value, long min, long max, string name) =>
        Require(value >= min && value <= max, name, value, $"give a number from {min} to {max}");

    public void RequireRange(TimeSpan value, TimeSpan min, TimeSpan max, string name) =>
        Require(value >= min && value <= max, name, value, $"give a duration from {min} to {max}");

    public void RequireFile(string path, string name) =>
        Require(path.Length == 0 || File.Exists(path), name, path, "there is no such file, or it may not be read");

    /// <exception cref="ArgumentException">At least one error was collected.</exception>
    public static void ThrowIfAny(IReadOnlyList<string> errors, string parameter)
    {
        if (errors.Count > 0)
        {
            throw new ArgumentException(string.Join("; ", errors), parameter);
        }
    }
}
