namespace GpuActors.Kafka.Settings;

/// <summary>How NOTIFY uses Kafka.</summary>
public sealed record KafkaNotifySettings
{
    /// <summary>
    /// Transactional id of its producer, one per fleet: it fences the former active node. Default <c>gpu-actors-notify</c>.
    /// </summary>
    public string TransactionalId { get; init; } = "gpu-actors-notify";

    /// <summary>Group whose committed offsets say how far the alert log has been read. Default <c>gpu-actors-notify</c>.</summary>
    public string GroupId { get; init; } = "gpu-actors-notify";

    /// <summary>
    /// After this time the brokers abort a transaction that was begun and not ended; a delivery fails after it as well. Default 10 s.
    /// </summary>
    public TimeSpan TransactionTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait for the former active node's transaction to be ended. Default 30 s.</summary>
    public TimeSpan OpenTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Longest time for which a broker holds a fetch while there are no alerts; new ones are returned at once. Default 500 ms.
    /// </summary>
    public TimeSpan FetchWait { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The errors of these settings, each with name, value and remedy; empty when all are valid.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new SettingErrors();
        errors.Require(TransactionalId.Length > 0, "transactional-id", TransactionalId, "give a name, one per fleet");
        errors.Require(GroupId.Length > 0, "group-id", GroupId, "give a name, one per fleet");
        errors.Require(
            TransactionTimeout >= TimeSpan.FromSeconds(1) && TransactionTimeout <= TimeSpan.FromMinutes(5),
            "transaction-timeout",
            TransactionTimeout.ToString(),
            "use 1s to 5m"
        );
        errors.Require(OpenTimeout > TransactionTimeout, "open-timeout", OpenTimeout.ToString(), "use more than transaction-timeout");
        errors.Require(FetchWait > TimeSpan.Zero, "fetch-wait", FetchWait.ToString(), "use more than 0");
        return errors.All;
    }
}
