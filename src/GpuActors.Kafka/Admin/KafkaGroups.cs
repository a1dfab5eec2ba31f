using Confluent.Kafka;
using Confluent.Kafka.Admin;
using GpuActors.Kafka.Settings;

namespace GpuActors.Kafka.Admin;

/// <summary>Asks the brokers who is in a consumer group.</summary>
public sealed class KafkaGroups : IDisposable
{
    private readonly IAdminClient _admin;

    /// <summary>Creates a client; nothing is sent yet.</summary>
    /// <exception cref="ArgumentException">A setting is not valid.</exception>
    public KafkaGroups(KafkaClientSettings client)
    {
        ArgumentNullException.ThrowIfNull(client);
        SettingErrors.ThrowIfAny(client.Validate(), nameof(client));
        _admin = new AdminClientBuilder(client.Admin())
            .SetErrorHandler(
                (
                    _,
                    _
                ) => { /* the consumers tell of brokers that are away */
                }
            )
            .SetLogHandler(
                (
                    _,
                    _
                ) => { /* likewise */
                }
            )
            .Build();
    }

    /// <summary>The group instance ids of the members of groups, without members that have none.</summary>
    /// <param name="groups">Group ids; one without members has none.</param>
    /// <param name="timeout">Longest wait for the answer.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <returns>The ids; null when the brokers do not answer, or do not tell.</returns>
    public async Task<IReadOnlySet<string>?> MembersAsync(
        IReadOnlyCollection<string> groups,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var described = await _admin
                .DescribeConsumerGroupsAsync(groups, new DescribeConsumerGroupsOptions { RequestTimeout = timeout })
                .WaitAsync(cancellationToken)
                .ConfigureAwait(false);
            return described
                .ConsumerGroupDescriptions.SelectMany(group => group.Members)
                .Select(member => member.GroupInstanceId)
                .Where(id => !string.IsNullOrEmpty(id))
                .ToHashSet(StringComparer.Ordinal);
        }
        catch (KafkaException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _admin.Dispose();
}
