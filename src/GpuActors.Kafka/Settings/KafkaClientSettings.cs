using System.Globalization;
using Confluent.Kafka;

namespace GpuActors.Kafka.Settings;

/// <summary>
/// The connection to the brokers, common to all clients of this process. Secrets never appear in <see cref="ToString"/>.
/// </summary>
public sealed record KafkaClientSettings
{
    /// <summary>
    /// Brokers to start from, <c>host:port</c> separated by commas. No default.
    /// </summary>
    public string BootstrapServers { get; init; } = "";

    /// <summary>Name of this client in the brokers' logs and quotas. Default <c>gpuactors</c>.</summary>
    public string ClientId { get; init; } = "gpuactors";

    /// <summary><c>plaintext</c>, <c>ssl</c>, <c>sasl_plaintext</c> or <c>sasl_ssl</c>. Default <c>plaintext</c>.</summary>
    public string SecurityProtocol { get; init; } = "plaintext";

    /// <summary>
    /// <c>PLAIN</c>, <c>SCRAM-SHA-256</c>, <c>SCRAM-SHA-512</c>, <c>GSSAPI</c> or <c>OAUTHBEARER</c>; empty (default) without SASL.
    /// </summary>
    public string SaslMechanism { get; init; } = "";

    /// <summary>User name for SASL; empty (default) for none.</summary>
    public string SaslUsername { get; init; } = "";

    /// <summary>Password for SASL; empty (default) for none. Never logged.</summary>
    public string SaslPassword { get; init; } = "";

    /// <summary>PEM file with the certificates of the trusted authorities; empty (default) for those of the system.</summary>
    public string TlsCaFile { get; init; } = "";

    /// <summary>PEM file with this client's certificate; empty (default) for none.</summary>
    public string TlsCertificateFile { get; init; } = "";

    /// <summary>PEM file with this client's private key; empty (default) for none.</summary>
    public string TlsKeyFile { get; init; } = "";

    /// <summary>
    /// Any further option of librdkafka by its own name (<c>socket.timeout.ms</c>), applied last, so that it takes precedence. Default
    /// empty.
    /// </summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    /// <summary>The errors of these settings, each with name, value and remedy; empty when all are valid.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new SettingErrors();
        foreach (var server in BootstrapServers.Split(',', StringSplitOptions.TrimEntries))
        {
            errors.Require(
                IsHostAndPort(server),
                "bootstrap-servers",
                BootstrapServers,
                "list brokers as host:port, separated by commas, such as kafka-1:9092,kafka-2:9092"
            );
        }

        var sasl = Protocol is Confluent.Kafka.SecurityProtocol.SaslPlaintext or Confluent.Kafka.SecurityProtocol.SaslSsl;
        errors.Require(Protocol is not null, "security-protocol", SecurityProtocol, "use plaintext, ssl, sasl_plaintext or sasl_ssl");
        errors.Require(
            SaslMechanism.Length == 0 || Mechanism is not null,
            "sasl-mechanism",
            SaslMechanism,
            "use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, GSSAPI or OAUTHBEARER"
        );
        errors.Require(
            !sasl || SaslMechanism.Length > 0,
            "sasl-mechanism",
            SaslMechanism,
            $"security-protocol {SecurityProtocol} needs one, such as SCRAM-SHA-256"
        );
        errors.Require(
            sasl || SaslMechanism.Length == 0,
            "security-protocol",
            SecurityProtocol,
            $"sasl-mechanism {SaslMechanism} needs sasl_ssl or sasl_plaintext"
        );
        var byPassword =
            sasl
            && Mechanism
                is Confluent.Kafka.SaslMechanism.Plain
                    or Confluent.Kafka.SaslMechanism.ScramSha256
                    or Confluent.Kafka.SaslMechanism.ScramSha512;
        errors.Require(!byPassword || SaslUsername.Length > 0, "sasl-username", SaslUsername, $"{SaslMechanism} needs a user name");
        errors.Require(
            !byPassword || SaslPassword.Length > 0,
            "sasl-password",
            "",
            $"{SaslMechanism} needs a password (take it from an environment variable)"
        );
        errors.RequireFile(TlsCaFile, "tls-ca-file");
        errors.RequireFile(TlsCertificateFile, "tls-certificate-file");
        errors.RequireFile(TlsKeyFile, "tls-key-file");
        return errors.All;
    }

    /// <summary>Addresses and protocol, without any secret.</summary>
    public override string ToString() =>
        $"{BootstrapServers} ({SecurityProtocol}{(SaslMechanism.Length > 0 ? $", {SaslMechanism}" : "")}, client id {ClientId})";

    internal T Apply<T>(T config)
        where T : ClientConfig
    {
        config.BootstrapServers = BootstrapServers;
        config.ClientId = ClientId;
        config.SecurityProtocol = Protocol;
        config.SaslMechanism = Mechanism;
        // An alert is a small request, and must not wait for Nagle's algorithm.
        config.SocketNagleDisable = true;
        // The default grows to 10 s, which would be the longest part of the outage after a broker's restart.
        config.ReconnectBackoffMaxMs = 1_000;
        config.LogConnectionClose = false;
        SetIfGiven(config, "sasl.username", SaslUsername);
        SetIfGiven(config, "sasl.password", SaslPassword);
        SetIfGiven(config, "ssl.ca.location", TlsCaFile);
        SetIfGiven(config, "ssl.certificate.location", TlsCertificateFile);
        SetIfGiven(config, "ssl.key.location", TlsKeyFile);
        return config;
    }

    internal T ApplyProperties<T>(T config)
        where T : ClientConfig
    {
        foreach (var (name, value) in Properties)
        {
            config.Set(name, value);
        }

        return config;
    }

    internal AdminClientConfig Admin() => ApplyProperties(Apply(new AdminClientConfig()));

    private SecurityProtocol? Protocol =>
        SecurityProtocol.ToLowerInvariant() switch
        {
            "plaintext" => Confluent.Kafka.SecurityProtocol.Plaintext,
            "ssl" => Confluent.Kafka.SecurityProtocol.Ssl,
            "sasl_plaintext" => Confluent.Kafka.SecurityProtocol.SaslPlaintext,
            "sasl_ssl" => Confluent.Kafka.SecurityProtocol.SaslSsl,
            _ => null,
        };

    private SaslMechanism? Mechanism =>
        SaslMechanism.ToUpperInvariant() switch
        {
            "PLAIN" => Confluent.Kafka.SaslMechanism.Plain,
            "SCRAM-SHA-256" => Confluent.Kafka.SaslMechanism.ScramSha256,
            "SCRAM-SHA-512" => Confluent.Kafka.SaslMechanism.ScramSha512,
            "GSSAPI" => Confluent.Kafka.SaslMechanism.Gssapi,
            "OAUTHBEARER" => Confluent.Kafka.SaslMechanism.OAuthBearer,
            _ => null,
        };

    private static void SetIfGiven(ClientConfig config, string name, string value)
    {
        if (value.Length > 0)
        {
            config.Set(name, value);
        }
    }

    private static bool IsHostAndPort(string server)
    {
        var colon = server.LastIndexOf(':');
        return colon > 0
            && ushort.TryParse(server.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port > 0;
    }
}
