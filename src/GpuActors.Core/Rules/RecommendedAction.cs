namespace GpuActors.Core.Rules;

/// <summary>The recommended actions of alerts: what an operator or an automation should do next.</summary>
public static class RecommendedAction
{
    /// <summary>Nothing.</summary>
    public const string None = "none";

    /// <summary>Restart the application that ran on the GPU.</summary>
    public const string RestartApp = "restart-app";

    /// <summary>Reset the GPU.</summary>
    public const string ResetGpu = "reset-gpu";

    /// <summary>Reboot the node.</summary>
    public const string RebootNode = "reboot-node";

    /// <summary>Take the node out of service and look at the hardware.</summary>
    public const string DrainAndInspect = "drain-and-inspect";

    /// <summary>Take the GPU out of service and run its diagnosis.</summary>
    public const string DrainAndTest = "drain-and-test";

    /// <summary>Order a replacement.</summary>
    public const string OrderPart = "order-part";

    /// <summary>Look at the GPU again soon.</summary>
    public const string Watch = "watch";

    /// <summary>Look at power supplies and the power domain.</summary>
    public const string CheckPower = "check-power";

    /// <summary>Look at fans, coolant and inlet temperature.</summary>
    public const string CheckCooling = "check-cooling";

    /// <summary>Call the vendor.</summary>
    public const string ContactSupport = "contact-support";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [None, RestartApp, ResetGpu, RebootNode, DrainAndInspect, DrainAndTest, OrderPart, Watch, CheckPower, CheckCooling, ContactSupport];
}
