using System.Text;
using GpuActors.Core.Messaging;

namespace GpuActors.Kafka.Buffering;

/// <summary>
/// A queue of records in files of a few MiB each. The files have no names while they are in use (on Unix) or vanish with their handle (on
/// Windows), so that a process that ends in any way leaves none. Not thread-safe.
/// </summary>
/// <param name="directory">Directory of the files; created on demand.</param>
internal sealed class RecordFiles(string directory) : IDisposable
{
    /// <summary>Size at which a new file begins.</summary>
    public const int FileBytes = 4 * 1024 * 1024;

    // A file system that is full harms more than this process.
    private const double MinFreeShare = 0.05;

    private readonly Queue<FileOfRecords> _files = new();
    private readonly List<DeliveryHandler> _handlers = [];
    private readonly Dictionary<DeliveryHandler, int> _numbers = [];
    private FileOfRecords? _last;

    /// <summary>Records in the files.</summary>
    public long Count { get; private set; }

    /// <summary>Bytes of the files.</summary>
    public long Bytes { get; private set; }

    /// <summary>Adds a record without a state object.</summary>
    /// <returns>False when the file system has too little space left for another file.</returns>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory cannot be written to.</exception>
    public bool TryAdd(BufferedRecord record)
    {
        if (_last is null || _last.Stream.Length >= FileBytes)
        {
            Directory.CreateDirectory(directory);
            var drive = new DriveInfo(Path.GetFullPath(directory));
            if (drive.AvailableFreeSpace < FileBytes + (drive.TotalSize * MinFreeShare))
            {
                return false;
            }

            _last = FileOfRecords.Create(directory);
            _files.Enqueue(_last);
        }

        var before = _last.Stream.Length;
        Write(_last.Writer, record);
        // The buffer of the stream is empty afterwards, so that an error belongs to this record.
        _last.Writer.Flush();
        _last.Count++;
        Count++;
        Bytes += _last.Stream.Length - before;
        return true;
    }

    /// <summary>Removes the oldest file and returns its records.</summary>
    public IReadOnlyList<BufferedRecord> TakeFile()
    {
        using var file = _files.Dequeue();
        if (ReferenceEquals(file, _last))
        {
            _last = null;
        }

        Count -= file.Count;
        Bytes -= file.Stream.Length;
        file.Stream.Position = 0;
        using var reader = new BinaryReader(file.Stream, Encoding.UTF8, leaveOpen: true);
        var records = new BufferedRecord[file.Count];
        for (var i = 0; i < records.Length; i++)
        {
            records[i] = Read(reader);
        }

        return records;
    }

    /// <summary>Closes and removes all files.</summary>
    public void Dispose()
    {
        foreach (var file in _files)
        {
            file.Dispose();
        }

        _files.Clear();
        _last = null;
        (Count, Bytes) = (0, 0);
    }

    private void Write(BinaryWriter writer, BufferedRecord record)
    {
        writer.Write(record.Since);
        writer.Write(HandlerNumber(record.Handler));
        var (topic, key, value, headers, timestampMs) = record.Record;
        writer.Write(topic);
        WriteBytes(writer, key);
        WriteBytes(writer, value);
        writer.Write(timestampMs);
        writer.Write(headers?.Count ?? 0);
        foreach (var (name, content) in headers ?? [])
        {
            writer.Write(name);
            WriteBytes(writer, content);
        }
    }

    private BufferedRecord Read(BinaryReader reader)
    {
        var since = reader.ReadInt64();
        var handler = reader.ReadInt32();
        var topic = reader.ReadString();
        var (key, value, timestampMs) = (ReadBytes(reader), ReadBytes(reader), reader.ReadInt64());
        var headers = new KeyValuePair<string, byte[]>[reader.ReadInt32()];
        for (var i = 0; i < headers.Length; i++)
        {
            headers[i] = new(reader.ReadString(), ReadBytes(reader) ?? []);
        }

        return new BufferedRecord
        {
            Record = new OutgoingRecord(topic, key, value, headers.Length > 0 ? headers : null, timestampMs),
            Handler = handler < 0 ? null : _handlers[handler],
            Since = since,
        };
    }

    // As many as callers have handlers: one for each exporter.
    private int HandlerNumber(DeliveryHandler? handler)
    {
        if (handler is null)
        {
            return -1;
        }

        if (!_numbers.TryGetValue(handler, out var number))
        {
            number = _handlers.Count;
            _handlers.Add(handler);
            _numbers.Add(handler, number);
        }

        return number;
    }

    private static void WriteBytes(BinaryWriter writer, byte[]? bytes)
    {
        writer.Write(bytes?.Length ?? -1);
        writer.Write(bytes ?? []);
    }

    private static byte[]? ReadBytes(BinaryReader reader) => reader.ReadInt32() is >= 0 and var length ? reader.ReadBytes(length) : null;

    private sealed class FileOfRecords : IDisposable
    {
        private FileOfRecords(FileStream stream)
        {
            Stream = stream;
            Writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        }

        public FileStream Stream { get; }

        public BinaryWriter Writer { get; }

        public int Count { get; set; }

        public static FileOfRecords Create(string directory)
        {
            var path = Path.Combine(directory, $"records-{Guid.NewGuid():N}");
            var stream = new FileStream(
                path,
                new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.None,
                    Options = FileOptions.DeleteOnClose,
                    BufferSize = 64 * 1024,
                }
            );
            if (!OperatingSystem.IsWindows())
            {
                File.Delete(path);
            }

            return new FileOfRecords(stream);
        }

        public void Dispose()
        {
            Writer.Dispose();
            Stream.Dispose();
        }
    }
}
