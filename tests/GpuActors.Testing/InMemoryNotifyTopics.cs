using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Incidents;
using GpuActors.Core.Notify;
using GpuActors.Core.Silences;

namespace GpuActors.Testing;

/// <summary>The topics of NOTIFY in memory, as encoded records: what one incarnation publishes, the next one reads. Thread-safe.</summary>
public sealed class InMemoryNotifyTopics
{
    private readonly Lock _gate = new();
    private readonly List<AlertTransition> _alerts = [];
    private readonly List<Page> _pages = [];
    private readonly Dictionary<string, byte[]> _incidents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _acknowledgements = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _silences = new(StringComparer.Ordinal);
    private int _read;
    private int _epoch;

    /// <summary>Number of publications that fail before they take effect.</summary>
    public int FailPublications { get; set; }

    /// <summary>Pages in the order in which they were published.</summary>
    public IReadOnlyList<Page> Pages
    {
        get
        {
            lock (_gate)
            {
                return [.. _pages];
            }
        }
    }

    /// <summary>Number of incidents that have a record.</summary>
    public int Incidents
    {
        get
        {
            lock (_gate)
            {
                return _incidents.Count;
            }
        }
    }

    /// <summary>Appends transitions to the alert log.</summary>
    public void Append(params AlertTransition[] alerts)
    {
        lock (_gate)
        {
            _alerts.AddRange(alerts);
        }
    }

    /// <summary>Publishes changes.</summary>
    public void Take(NotifyChanges changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        lock (_gate)
        {
            _pages.AddRange(changes.Pages);
            foreach (var (id, record) in changes.Incidents)
            {
                Put(_incidents, id, record);
            }

            foreach (var (id, _, record) in changes.Alerts)
            {
                Put(_open, id.Value, record);
            }

            foreach (var (id, record) in changes.Acknowledgements)
            {
                Put(_acknowledgements, id.Value, record);
            }

            foreach (var (id, record) in changes.Silences)
            {
                Put(_silences, id, record);
            }
        }
    }

    /// <summary>Makes a state take over what was published.</summary>
    public void RestoreInto(NotifyState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        lock (_gate)
        {
            Each<IncidentRecord>(_incidents, state.Restore);
            Each<NotifiedAlert>(_open, state.Restore);
            Each<Acknowledgement>(_acknowledgements, state.Restore);
            Each<Silence>(_silences, state.Restore);
        }
    }

    /// <summary>An incarnation of NOTIFY's access to these topics; it fences earlier ones when it is opened.</summary>
    public INotifyLog Connect() => new Log(this);

    private static void Each<T>(Dictionary<string, byte[]> topic, Action<T> restore)
        where T : class
    {
        foreach (var value in topic.OrderBy(record => record.Key, StringComparer.Ordinal).Select(record => record.Value))
        {
            restore(NotifyCodec.Read<T>(value));
        }
    }

    private static void Put<T>(Dictionary<string, byte[]> topic, string key, T? value)
        where T : class
    {
        _ = topic.Remove(key);
        if (value is not null)
        {
            topic[key] = NotifyCodec.Encode(value);
        }
    }

    private sealed class Log(InMemoryNotifyTopics topics) : INotifyLog
    {
        private int _epoch;
        private int _position;
        private int _end;

        public bool HasCaughtUp => _position >= _end;

        public Task OpenAsync(NotifyState restore, CancellationToken cancellationToken)
        {
            lock (topics._gate)
            {
                _epoch = ++topics._epoch;
                (_position, _end) = (topics._read, topics._alerts.Count);
                topics.RestoreInto(restore);
            }

            return Task.CompletedTask;
        }

        public async Task<IReadOnlyList<AlertTransition>> ReadAsync(int most, TimeSpan wait, CancellationToken cancellationToken)
        {
            if (Read(most) is { Count: > 0 } read)
            {
                return read;
            }

            await Task.Delay(wait, cancellationToken);
            return Read(most);
        }

        public Task PublishAsync(NotifyChanges changes, CancellationToken cancellationToken)
        {
            lock (topics._gate)
            {
                if (_epoch != topics._epoch)
                {
                    throw new InvalidOperationException("another node has become the active one");
                }

                if (topics.FailPublications > 0)
                {
                    topics.FailPublications--;
                    throw new InvalidOperationException("the broker is away");
                }

                topics._read = _position;
                topics.Take(changes);
            }

            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private List<AlertTransition> Read(int most)
        {
            lock (topics._gate)
            {
                var read = topics._alerts.Skip(_position).Take(most).ToList();
                _position += read.Count;
                return read;
            }
        }
    }
}
