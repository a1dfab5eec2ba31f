namespace GpuActors.Kafka.Batching;

/// <summary>
/// A copy of key and value of the pending record, in a reused buffer: whether a record is rejected is known only with its timestamp, when
/// the client's memory is no longer valid. The copy of a kilobyte takes about 20 ns.
/// </summary>
internal sealed class RecordCopy
{
    // The memory of a single huge record must not be kept.
    private const int KeepUpTo = 1 << 20;
    private byte[] _buffer = new byte[4_096];
    private int _keyLength = -1;
    private int _valueLength = -1;

    public byte[]? Key => _keyLength < 0 ? null : _buffer.AsSpan(0, _keyLength).ToArray();

    public byte[]? Value => _valueLength < 0 ? null : _buffer.AsSpan(Math.Max(0, _keyLength), _valueLength).ToArray();

    public void Set(RecordView record)
    {
        var length = record.Key.Length + record.Value.Length;
        if (length > _buffer.Length || (_buffer.Length > KeepUpTo && length <= KeepUpTo))
        {
            _buffer = new byte[Math.Max(4_096, length)];
        }

        record.Key.CopyTo(_buffer);
        record.Value.CopyTo(_buffer.AsSpan(record.Key.Length));
        _keyLength = record.HasKey ? record.Key.Length : -1;
        _valueLength = record.HasValue ? record.Value.Length : -1;
    }
}
