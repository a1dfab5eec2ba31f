namespace GpuActors.Core.Gpus;

/// <summary>Means of NVLink traffic and tensor activity over the current minute: what the host compares between its GPUs.</summary>
internal struct MinuteOfLinks
{
    private double _bytesPerSecond;
    private double _tensorActive;
    private int _count;

    /// <summary>Bytes a second; NaN without a sample that has both values.</summary>
    public readonly double BytesPerSecond => _count == 0 ? double.NaN : _bytesPerSecond / _count;

    /// <summary>Ratio of cycles; NaN without a sample that has both values.</summary>
    public readonly double TensorActive => _count == 0 ? double.NaN : _tensorActive / _count;

    /// <summary>Takes a sample's values; a sample that lacks either is ignored.</summary>
    public void Add(double bytesPerSecond, double tensorActive)
    {
        if (!double.IsNaN(bytesPerSecond) && !double.IsNaN(tensorActive))
        {
            _bytesPerSecond += bytesPerSecond;
            _tensorActive += tensorActive;
            _count++;
        }
    }

    public readonly void Save(BinaryWriter writer)
    {
        writer.Write(_bytesPerSecond);
        writer.Write(_tensorActive);
        writer.Write7BitEncodedInt(_count);
    }

    public static MinuteOfLinks Load(BinaryReader reader) =>
        new()
        {
            _bytesPerSecond = reader.ReadDouble(),
            _tensorActive = reader.ReadDouble(),
            _count = reader.Read7BitEncodedInt(),
        };
}
