using System.Net;
using Akka.Actor;
using Akka.Cluster;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Host.Tests;

/// <summary>Readiness follows the node's membership of the cluster.</summary>
public sealed class NodeMembershipSpec : NodeSpec
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_node_whose_membership_ends_is_not_ready_from_then_on(bool leaves) =>
        await RunAsync(
            null,
            "api",
            async node =>
            {
                var cluster = Cluster.Get(node.System);
                Assert.Equal(HttpStatusCode.OK, await Status("/health/ready"));
                (leaves ? (Action<Address>)cluster.Leave : cluster.Down)(cluster.SelfAddress);
                await Eventually.Get(() => Status("/health/ready"), status => status == HttpStatusCode.ServiceUnavailable);

                await node.System.WhenTerminated.Completes();
                Assert.Equal(HttpStatusCode.ServiceUnavailable, await Status("/health/ready"));
                Assert.Equal(HttpStatusCode.OK, await Status("/health/live"));
            }
        );
}
