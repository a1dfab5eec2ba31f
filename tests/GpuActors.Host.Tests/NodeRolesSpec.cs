using Xunit;

namespace GpuActors.Host.Tests;

/// <summary>
/// Any mix of roles is a node: a cluster of its own, its endpoint, and a broker inside the process where a role needs one.
/// </summary>
public sealed class NodeRolesSpec : NodeSpec
{
    [Theory]
    [InlineData("detect", 503, 503)]
    [InlineData("store", 404, 404)]
    [InlineData("detect,api,notify", 200, 200)]
    public Task Any_mix_of_roles_starts_becomes_ready_and_stops(string roles, int alerts, int silences) =>
        StartsBecomesReadyAndStops(roles, alerts, silences);
}
