using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using GpuActors.Collector.Common;
using Microsoft.Extensions.Logging;

namespace GpuActors.Collector.KernelLogs;

/// <summary>
/// Keeps a <see cref="KernelLogState"/> in a file of its own for each log. A file is replaced as a whole, so that a crash leaves the old
/// one or the new one. A file that cannot be used is reported and ignored.
/// </summary>
internal sealed class KernelLogStateFile
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        WriteIndented = true,
    };

    private readonly ILogger _logger;
    private bool _failing;

    /// <param name="directory">Where the file is; created on demand.</param>
    /// <param name="source">The log: a full path, or <c>journal</c>.</param>
    /// <param name="logger">Gets an event when the file cannot be read or written.</param>
    public KernelLogStateFile(string directory, string source, ILogger logger)
    {
        Source = source;
        _logger = logger;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source)))[..12];
        Path = System.IO.Path.Combine(directory, $"kernel-log-{hash}.json");
    }

    /// <summary>The log.</summary>
    public string Source { get; }

    /// <summary>Path of the file.</summary>
    public string Path { get; }

    /// <summary>Reads the state; null when there is none, or none that can be used.</summary>
    public KernelLogState? Load()
    {
        try
        {
            if (!File.Exists(Path))
            {
                return null;
            }

            var state = JsonSerializer.Deserialize<KernelLogState>(File.ReadAllBytes(Path), Options);
            var fault =
                state is null ? "it is empty"
                : state.Version != KernelLogState.CurrentVersion ? $"it has version {state.Version}, not {KernelLogState.CurrentVersion}"
                : state.Source != Source ? $"it is of the log {state.Source}"
                : IsWhole(state) ? null
                : "a member is missing or out of range";
            if (fault is null)
            {
                return state;
            }

            _logger.StateIgnored(Path, fault);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            _logger.StateIgnored(Path, e.Message);
        }

        return null;
    }

    /// <summary>Replaces the file. A fault is logged once until a write succeeds.</summary>
    /// <returns>Whether the state was saved.</returns>
    public bool Save(KernelLogState state)
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            var written = Path + ".new";
            using (var file = new FileStream(written, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                JsonSerializer.Serialize(file, state, Options);
                file.Flush(flushToDisk: true);
            }

            File.Move(written, Path, overwrite: true);
            _failing = false;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_failing)
            {
                _failing = true;
                _logger.StateNotSaved(Path, e.Message);
            }

            return false;
        }
    }

    private static bool IsWhole(KernelLogState state) =>
        state is { Pending: not null, Repeated: not null, Fallen: not null, Targets: not null, Devices: not null, FallenGpus: not null }
        && state.Cursor is null or { Offset: >= 0, Fingerprint: not null, Journal: not null }
        && state.Pending.Concat(state.Repeated).Append(state.Partial).All(report => report is null || IsWhole(report))
        && state.Devices.All(device => device is { Host: not null, PciBusId: not null, Gpu: not null });

    private static bool IsWhole(SavedReport report) =>
        report is { Code: > 0, PciBusId: not null, Host: not null, Message: not null, TimeMs: null or (>= 0 and < 253_402_300_799_000) };
}
