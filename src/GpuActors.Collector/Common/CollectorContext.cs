using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;
using Microsoft.Extensions.Logging;

namespace GpuActors.Collector.Common;

/// <summary>Services that all sources of a collector share.</summary>
/// <param name="Http">Fetches pages and decompresses them.</param>
/// <param name="Producer">Takes records.</param>
/// <param name="SampleTopic">Topic of the samples.</param>
/// <param name="LogTopic">Topic of the kernel log reports.</param>
/// <param name="Registry">Interns GPU ids.</param>
/// <param name="Counters">Counters of the collector.</param>
/// <param name="Time">Clock of the scrapes.</param>
/// <param name="Logger">Gets an event when a source fails or recovers.</param>
internal sealed record CollectorContext(
    HttpClient Http,
    IRecordProducer Producer,
    string SampleTopic,
    string LogTopic,
    GpuRegistry Registry,
    CollectorCounters Counters,
    TimeProvider Time,
    ILogger Logger
);
