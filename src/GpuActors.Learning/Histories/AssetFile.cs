using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsvHelper;
using CsvHelper.Configuration;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;

namespace GpuActors.Learning.Histories;

/// <summary>An inventory that was read from a CSV file. Empty fields and absent columns say nothing.</summary>
/// <param name="Assets">Its GPUs, each once, in the order of the file.</param>
/// <param name="Errors">Lines that could not be read, with the reason.</param>
/// <param name="Ignored">Columns of the file that are not read.</param>
public sealed record AssetFile(IReadOnlyList<GpuAsset> Assets, IReadOnlyList<HistoryError> Errors, IReadOnlyList<string> Ignored)
{
    private delegate GpuAsset Setter(GpuAsset asset, string text);

    // The key of an option, which is also the column where no other is named.
    private static readonly (string Key, Setter Set)[] Fields =
    [
        ("model", (a, text) => a with { Model = text }),
        ("architecture", (a, text) => a with { Architecture = text }),
        ("compute_capability", (a, text) => a with { ComputeCapability = text }),
        ("memory_gb", (a, text) => a with { MemoryGb = Number(text, 1) }),
        ("hostname", (a, text) => a with { Hostname = text }),
        ("pci_bus_id", (a, text) => a with { PciBusId = text }),
        ("rack", (a, text) => a with { Rack = text }),
        ("cluster", (a, text) => a with { Cluster = text }),
        ("datacenter", (a, text) => a with { Datacenter = text }),
        ("region", (a, text) => a with { Region = text }),
        ("purchase_date", (a, text) => a with { PurchaseDate = Date(text) }),
        ("deployment_date", (a, text) => a with { DeploymentDate = Date(text) }),
        ("warranty_expiry", (a, text) => a with { WarrantyExpiry = Date(text) }),
        ("expected_eol", (a, text) => a with { ExpectedEol = Date(text) }),
        ("sla_tier", (a, text) => a with { SlaTier = text }),
        ("priority", (a, text) => a with { Priority = Number(text, int.MinValue) }),
        ("tags", (a, text) => a with { Tags = TagsOf(text) }),
        ("notes", (a, text) => a with { Notes = text }),
    ];

    /// <summary>The keys of columns; <c>gpu</c> is the only one that a file must have.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["gpu", .. Fields.Select(field => field.Key)];

    /// <summary>Reads a CSV file with a header. Lines that cannot be read are collected; they never stop the others.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="assignments">Columns of other names than their key, such as <c>gpu=UUID</c>. A column that is named must be there.
    /// Names are compared without regard to case.</param>
    /// <exception cref="FormatException">An assignment has another form or an unknown key; the message names it.</exception>
    /// <exception cref="InvalidDataException">The header lacks a column.</exception>
    public static AssetFile Read(TextReader reader, IEnumerable<string> assignments)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var named = Parse(assignments);
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            TrimOptions = TrimOptions.Trim,
            MissingFieldFound = null,
            BadDataFound = null,
        };
        using var csv = new CsvReader(reader, configuration, leaveOpen: true);
        if (!csv.Read() || !csv.ReadHeader())
        {
            throw new InvalidDataException("the file is empty: its first line must name the columns");
        }

        var header = csv.HeaderRecord ?? [];
        var gpuAt = IndexOf(header, "gpu", named, required: true);
        var fields = Fields
            .Select(field => (field.Set, At: IndexOf(header, field.Key, named, required: false)))
            .Where(field => field.At >= 0)
            .ToList();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        var assets = new List<GpuAsset>();
        var errors = new List<HistoryError>();
        while (csv.Read())
        {
            var line = csv.Parser.RawRow;
            try
            {
                if (csv.Parser.Count != header.Length)
                {
                    throw new FormatException($"it has {csv.Parser.Count} fields: the header has {header.Length}");
                }

                var asset = Asset(csv, header, gpuAt, fields);
                if (!lines.TryAdd(asset.Gpu, line))
                {
                    throw new FormatException($"{header[gpuAt]} = '{asset.Gpu}' is in line {lines[asset.Gpu]} already");
                }

                assets.Add(asset);
            }
            catch (FormatException e)
            {
                errors.Add(new HistoryError(line, e.Message));
            }
        }

        var read = fields.Select(field => field.At).Append(gpuAt).ToHashSet();
        return new AssetFile(assets, errors, [.. header.Where((_, i) => !read.Contains(i))]);
    }

    private static Dictionary<string, string> Parse(IEnumerable<string> assignments)
    {
        var named = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var assignment in assignments)
        {
            named[
                assignment.Split('=', 2, StringSplitOptions.TrimEntries) is [var key, { Length: > 0 } name]
                && Keys.Contains(key, StringComparer.Ordinal)
                    ? key
                    : throw new FormatException(
                        $"column '{assignment}': it must be KEY=NAME, where KEY is one of {string.Join(", ", Keys)}"
                    )
            ] = name;
        }

        return named;
    }

    private static int IndexOf(string[] header, string key, Dictionary<string, string> named, bool required)
    {
        var column = named.GetValueOrDefault(key, key);
        var index = Array.FindIndex(header, name => name.Equals(column, StringComparison.OrdinalIgnoreCase));
        return index >= 0 || !(required || named.ContainsKey(key))
            ? index
            : throw new InvalidDataException(
                $"the file has no column '{column}' (it has {string.Join(", ", header)}): name the column with --column {key}=NAME"
            );
    }

    private static GpuAsset Asset(CsvReader csv, string[] header, int gpuAt, List<(Setter Set, int At)> fields)
    {
        var gpu = csv.GetField(gpuAt) ?? "";
        var asset = GpuId.TryParse(gpu, out _)
            ? new GpuAsset(gpu)
            : throw new FormatException(
                $"{header[gpuAt]} = '{gpu}': it must be a UUID or serial number of 1 to {GpuId.MaxLength} characters without space"
            );
        foreach (var (set, at) in fields)
        {
            if (csv.GetField(at) is not { Length: > 0 } text)
            {
                continue;
            }

            try
            {
                asset = set(asset, text);
            }
            catch (FormatException e)
            {
                throw new FormatException($"{header[at]} = '{text}': {e.Message}", e);
            }
        }

        return asset.WarrantyExpiry < asset.PurchaseDate
            ? throw new FormatException($"the warranty ends on {asset.WarrantyExpiry:O}, before the purchase on {asset.PurchaseDate:O}")
            : asset;
    }

    private static int Number(string text, int least) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least
            ? number
            : throw new FormatException("it must be a whole number" + (least > 0 ? " above 0" : ""));

    private static DateOnly Date(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) && date.Year >= 1970
            ? date
            : throw new FormatException("it must be a date such as 2024-03-31");

    // In a form that does not depend on how the file writes it, so that the same tags are equal.
    private static string TagsOf(string text)
    {
        var tags = new JsonObject();
        if (text.StartsWith('{'))
        {
            try
            {
                tags = JsonNode.Parse(text)!.AsObject();
                _ = tags.Count; // A name that occurs twice is found on first use only.
            }
            catch (Exception e) when (e is JsonException or ArgumentException)
            {
                throw new FormatException("it must be a JSON object, or tags such as team=vision;tier=gold", e);
            }
        }
        else
        {
            foreach (var tag in text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                tags[
                    tag.Split('=', 2, StringSplitOptions.TrimEntries) is [{ Length: > 0 } name, var value]
                        ? name
                        : throw new FormatException("it must be a JSON object, or tags such as team=vision;tier=gold")
                ] = value;
            }
        }

        return tags.ToJsonString();
    }
}
