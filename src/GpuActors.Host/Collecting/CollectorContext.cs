using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;

namespace GpuActors.Host.Collecting;

/// <summary>What all endpoints of a collector share.</summary>
/// <param name="Http">Fetches pages; unpacks gzip.</param>
/// <param name="Producer">Takes samples.</param>
/// <param name="Topic">Topic of the samples.</param>
/// <param name="Registry">Interns GPU ids.</param>
/// <param name="Counters">Counts.</param>
/// <param name="Time">Clock of the scrapes.</param>
/// <param name="Notice">Tells a person when an exporter goes bad or well.</param>
internal sealed record CollectorContext(
    HttpClient Http,
    IRecordProducer Producer,
    string Topic,
    GpuRegistry Registry,
    CollectorCounters Counters,
    TimeProvider Time,
    Action<string> Notice
);
