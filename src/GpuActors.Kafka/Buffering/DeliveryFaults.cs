using Confluent.Kafka;

namespace GpuActors.Kafka.Buffering;

/// <summary>What an error of the client means for the records that wait, and what to do about it.</summary>
internal static class DeliveryFaults
{
    /// <summary>Whether the record itself is refused, so that another attempt is of no use.</summary>
    public static bool IsOfRecord(Error error) =>
        error.Code
            is ErrorCode.MsgSizeTooLarge
                or ErrorCode.InvalidMsg
                or ErrorCode.InvalidMsgSize
                or ErrorCode.InvalidRecord
                or ErrorCode.RecordListTooLarge
                or ErrorCode.InvalidTimestamp
                or ErrorCode.Local_InvalidArg
                or ErrorCode.Local_BadMsg;

    /// <summary>
    /// Whether an error that the client reports without a record shows that no record can be delivered. A refused topic is known from its
    /// records.
    /// </summary>
    public static bool IsOfConnection(Error error) =>
        error.IsFatal
        || error.Code
            is ErrorCode.Local_AllBrokersDown
                or ErrorCode.Local_Authentication
                or ErrorCode.Local_Ssl
                or ErrorCode.SaslAuthenticationFailed
                or ErrorCode.ClusterAuthorizationFailed;

    /// <summary>What to do.</summary>
    /// <param name="error">The error.</param>
    /// <param name="topic">Topic of the record; empty for an error of the connection.</param>
    /// <param name="brokers">Where the client connects to.</param>
    public static string Remedy(Error error, string topic, string brokers) =>
        error.Code switch
        {
            ErrorCode.TopicAuthorizationFailed => $"Allow this user to write to the topic{Named(topic)}: kafka-acls --add "
                + $"--allow-principal User:NAME --producer --topic {(topic.Length > 0 ? topic : "TOPIC")}",
            ErrorCode.ClusterAuthorizationFailed => "Allow this user the operation IdempotentWrite on the cluster: kafka-acls --add "
                + "--allow-principal User:NAME --operation IdempotentWrite --cluster",
            ErrorCode.SaslAuthenticationFailed or ErrorCode.Local_Authentication =>
                "Check user, password and mechanism in kafka.properties",
            ErrorCode.Local_Ssl => "Check the certificates and security.protocol in kafka.properties",
            ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition =>
                $"Create the topic{Named(topic)}, or restart with kafka.topics.create = true",
            ErrorCode.NotEnoughReplicas or ErrorCode.NotEnoughReplicasAfterAppend =>
                "Start the other brokers: fewer replicas than min.insync.replicas are in sync",
            _ => $"Check that the brokers at {brokers} run and can be reached from this machine (gpuactors doctor)",
        };

    private static string Named(string topic) => topic.Length > 0 ? " " + topic : "";
}
