using System.Text.Json;

namespace GpuActors.Simulation.Faults;

/// <summary>Faults by time: a JSON list of <see cref="FaultRequest"/>s.</summary>
public static class Scenario
{
    /// <summary>Name of the embedded one.</summary>
    public const string Demo = "demo";

    /// <summary>Reads a scenario: empty for none, <c>demo</c> for the embedded one, else a file's path.</summary>
    /// <exception cref="InvalidDataException">The file can't be read or is no scenario; the text says where and what is wanted.</exception>
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
                $"Scenario {nameOrPath}: {e.Message} A JSON list is wanted, each entry like {{\"at_s\": 6, \"gpu\": \"0\", \"kind\": \"power_brake\", \"duration_s\": 6}}",
                e
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException(
                $"Scenario {nameOrPath} can't be read: {e.Message} Give the path of a JSON file, or 'demo' for the embedded one",
                e
            );
        }
    }
}
