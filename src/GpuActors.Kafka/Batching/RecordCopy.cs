namespace GpuActors.Kafka.Batching;

/// <summary>
/// Key and value of the pending record, in buffers that are used again: whether a record is refused is known only with its timestamp, when
/// the client's memory is gone. A kilobyte that was just decoded is copied in some 20 ns.
/// </summary>
internal sealed class RecordCopy
{
    // A single huge record must not hold its memory for good.
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
