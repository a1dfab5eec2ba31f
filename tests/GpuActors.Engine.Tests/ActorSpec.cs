using Akka.Configuration;
using Akka.TestKit.Xunit2;
using GpuActors.Testing;

namespace GpuActors.Engine.Tests;

/// <summary>
/// Base of the specs that run actors in the test kit. Expectations without a time of their own wait as long as <see cref="Eventually"/>:
/// the kit's default of 3 s is too short for a busy machine.
/// </summary>
public abstract class ActorSpec : TestKit
{
    private static readonly Config Patient = ConfigurationFactory.ParseString(
        $$"""
        akka.test {
          single-expect-default = {{Eventually.Limit.TotalSeconds}}s
          default-timeout = {{Eventually.Limit.TotalSeconds}}s
        }
        """
    );

    protected ActorSpec(string config = "")
        : this(ConfigurationFactory.ParseString(config)) { }

    protected ActorSpec(Config config)
        : base(config.WithFallback(Patient)) { }
}
