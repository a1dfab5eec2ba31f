using System.Diagnostics.CodeAnalysis;
using System.Text;
using GpuActors.Core.Samples;

namespace GpuActors.Collector.Exposition;

/// <summary>
/// The known label blocks of one exporter. Exporters write the same rows in the same order on each page, so the block that followed last
/// time is compared first, as bytes. Where it differs, the block is looked up, and only an unknown block is parsed. Each block is stored
/// once.
/// </summary>
internal sealed class ExpositionRows(GpuRegistry registry)
{
    // A page of 16 GPUs with 20 pods each stays below. With more, labels change from page to page, and the cache is cleared.
    private const int MostRows = 16_384;
    private const int MostPerFamily = 4_096;

    private readonly Dictionary<byte[], ExpositionRow> _rows = new(BytesComparer.Instance);
    private readonly Dictionary<GpuIdentity, ExpositionGpu> _gpus = [];
    private readonly List<ExpositionRow>?[] _expected = new List<ExpositionRow>?[FamilyNames.Count];
    private List<ExpositionRow> _order = [];
    private int _next;

    /// <summary>Clears the cache before a page when it is full.</summary>
    /// <param name="lastPage">Number of the previous page: GPUs that are not on it are removed with the cache.</param>
    public void Trim(long lastPage)
    {
        if (_rows.Count < MostRows)
        {
            return;
        }

        _rows.Clear();
        Array.Clear(_expected);
        foreach (var (identity, gpu) in _gpus)
        {
            if (gpu.Page != lastPage)
            {
                _gpus.Remove(identity);
            }
        }
    }

    /// <summary>Starts the rows of <paramref name="family"/>.</summary>
    public void Begin(ExpositionFamily family)
    {
        _order = _expected[family.Index] ??= [];
        _next = 0;
    }

    /// <summary>Finds the row whose label block is at the start of <paramref name="text"/>.</summary>
    /// <param name="text">A line without the metric's name.</param>
    /// <param name="row">The meaning of the block.</param>
    /// <param name="reason">Why the block cannot be parsed; empty when it can.</param>
    public bool TryFind(ReadOnlySpan<byte> text, [NotNullWhen(true)] out ExpositionRow? row, out string reason)
    {
        reason = "";
        if (_next < _order.Count && text.StartsWith(_order[_next].Labels))
        {
            row = _order[_next++];
            return true;
        }

        var labels = RowLabels.Empty;
        var length = RowLabels.Parse(text, ref labels, out reason);
        row = null;
        if (length < 0)
        {
            return false;
        }

        if (!_rows.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(text[..length], out row))
        {
            row = Read(text[..length], labels, out reason);
            if (row is null)
            {
                return false;
            }

            if (_rows.Count < MostRows)
            {
                _rows.Add(row.Labels, row);
            }
        }

        Expect(row);
        return true;
    }

    private ExpositionRow? Read(ReadOnlySpan<byte> block, RowLabels labels, out string reason)
    {
        reason = "";
        if (labels.IsOtherDevice)
        {
            return new ExpositionRow { Labels = block.ToArray() };
        }

        if (labels.Uuid.IsEmpty || registry.Intern(labels.Uuid) is not { } identity)
        {
            reason = labels.Uuid.IsEmpty
                ? "the row has no UUID label"
                : $"the UUID label '{Encoding.UTF8.GetString(labels.Uuid[..Math.Min(labels.Uuid.Length, 64)])}' is not a GPU id";
            return null;
        }

        if (!_gpus.TryGetValue(identity, out var gpu))
        {
            _gpus.Add(identity, gpu = new ExpositionGpu(identity));
        }

        return new ExpositionRow
        {
            Labels = block.ToArray(),
            Gpu = gpu,
            Info = gpu.Known.Info(labels.Info()),
            Workload = gpu.Known.Workload(labels.Workload()),
            OfInstance = labels.OfInstance,
            Instance = labels.InstanceId is >= 0 and var id ? gpu.Known.Instance(identity, id, labels.Profile()) : null,
            Link = labels.Link,
            Xid = labels.Xid,
            ClockBit = labels.ClockBit,
        };
    }

    private void Expect(ExpositionRow row)
    {
        if (_next < _order.Count)
        {
            _order[_next++] = row;
        }
        else if (_next < MostPerFamily)
        {
            _order.Add(row);
            _next++;
        }
    }

    private sealed class BytesComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static BytesComparer Instance { get; } = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
