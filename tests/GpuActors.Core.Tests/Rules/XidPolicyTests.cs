using GpuActors.Core.Alerts;
using GpuActors.Core.Rules;

namespace GpuActors.Core.Tests.Rules;

public sealed class XidPolicyTests
{
    // Immediate actions of NVIDIA's catalogue. 63, 92, 121 and 137 are IGNORE there as well; tools for operations treat them as findings.
    public static TheoryData<int, string> Catalogue =>
        new()
        {
            { 13, RecommendedAction.RestartApp },
            { 31, RecommendedAction.RestartApp },
            { 46, RecommendedAction.ResetGpu },
            { 48, RecommendedAction.ResetGpu },
            { 54, RecommendedAction.CheckPower },
            { 62, RecommendedAction.ResetGpu },
            { 64, RecommendedAction.ResetGpu },
            { 74, RecommendedAction.DrainAndInspect },
            { 78, RecommendedAction.ContactSupport },
            { 79, RecommendedAction.RebootNode },
            { 94, RecommendedAction.RestartApp },
            { 95, RecommendedAction.ResetGpu },
            { 109, RecommendedAction.ResetGpu },
            { 110, RecommendedAction.ResetGpu },
            { 119, RecommendedAction.ResetGpu },
            { 120, RecommendedAction.ResetGpu },
            { 136, RecommendedAction.ResetGpu },
            { 140, RecommendedAction.ResetGpu },
            { 143, RecommendedAction.ResetGpu },
            { 151, RecommendedAction.RebootNode },
            { 155, RecommendedAction.ResetGpu },
            { 156, RecommendedAction.ResetGpu },
            { 158, RecommendedAction.ResetGpu },
        };

    [Theory]
    [MemberData(nameof(Catalogue))]
    public void A_code_has_the_action_of_the_catalogue(int code, string action) => Assert.Equal(action, XidPolicy.Default.For(code).Action);

    [Theory]
    [InlineData(37)]
    [InlineData(38)]
    [InlineData(43)]
    [InlineData(44)]
    [InlineData(66)]
    [InlineData(67)]
    [InlineData(93)]
    [InlineData(106)]
    [InlineData(107)]
    [InlineData(141)]
    [InlineData(152)]
    [InlineData(153)]
    [InlineData(157)]
    [InlineData(160)]
    [InlineData(161)]
    public void A_code_that_the_catalogue_ignores_is_at_most_information(int code)
    {
        var entry = XidPolicy.Default.For(code);
        Assert.Equal(RecommendedAction.None, entry.Action);
        Assert.True(entry.Severity is null or AlertSeverity.Info);
    }
}
