using System.Text.Json;

namespace GpuActors.Simulation.Faults;

/// <summary>Reads scenarios: JSON arrays of <see cref="FaultRequest"/>s with start times.</summary>
public static class Scenario
{
    /// <summary>Name of the embedded scenario.</summary>
    public const string Demo = "demo";

    /// <summary>Reads a scenario.</summary>
    /// <param name="nameOrPath"><c>demo</c> for the embedded scenario, the path of a file, or empty for no faults.</param>
    /// <exception cref="InvalidDataException">The file can't be read or is not a valid scenario; the message names the position and the
    /// remedy.</exception>
    public static IReadOnlyList<FaultRequest> Load(string nameOrPath)
    {
        if (nameOrPath.Length == 0)
        {
            return [];
        }

        try
        {
            using var stream =
                nameOrPath == Demo ? typeof(Scenario).Assembly.GetManifestResourceStream("demo-scenario.json")! : File.OpenRead(nameOrPath);
            return JsonSerializer.Deserialize<List<FaultRequest>>(stream, FaultRequest.Json) ?? [];
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                $"Scenario {nameOrPath}: {e.Message} A scenario must be a JSON array of entries such as "
                    + "{\"at_s\": 6, \"gpu\": \"0\", \"kind\": \"power_brake\", \"duration_s\": 6}",
                e
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException(
                $"Scenario {nameOrPath} can't be read: {e.Message} Specify the path of a JSON file, or 'demo' for the embedded scenario",
                e
            );
        }
    }
}
