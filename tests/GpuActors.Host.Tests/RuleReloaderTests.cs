using System.Collections;
using GpuActors.Core.Alerts;
using GpuActors.Core.Rules;
using GpuActors.Host.Configuration;
using GpuActors.Host.Node;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Host.Tests;

public sealed class RuleReloaderTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();
    private readonly RecordingLogger _log = new();
    private readonly RuleBook _rules;
    private readonly RuleReloader _reloader;

    public RuleReloaderTests()
    {
        Write("");
        var source = new ConfigSource([_file], [], new Hashtable(), null);
        _rules = new RuleBook(source.Load().Rules);
        _reloader = new RuleReloader(source, _rules, TimeProvider.System, _log);
    }

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void A_changed_file_comes_into_force_as_a_whole()
    {
        Write(
            """
            gpu-actors.rules {
              power-brake { required = 5, of = 8 }
              ecc-sbe-rate.max-per-hour = 7
            }
            gpu-actors.xid-policy.codes.63 { severity = critical }
            gpu-actors.gpu-models.models.h100.gpu-max-celsius = 80
            """
        );
        _reloader.Check();

        Assert.Contains("in force;", Assert.Single(_log.Messages), StringComparison.Ordinal);
        var rules = _rules.Current;
        Assert.Equal(
            (5, 8, 7),
            (rules.Of(RuleCatalog.PowerBrake).Required, rules.Of(RuleCatalog.PowerBrake).Of, rules.Of(RuleCatalog.EccSbeRate).MaxPerHour)
        );
        Assert.Equal(AlertSeverity.Critical, rules.XidPolicy.For(63).Severity);
        Assert.Equal(80, rules.Models.For("NVIDIA H100 80GB HBM3").GpuMaxCelsius);
    }

    // One good key and one bad: neither comes into force.
    [Theory]
    [InlineData(
        "gpu-actors.rules { ecc-sbe-rate.max-per-hour = 7, power-brake.required = 5 }",
        "power-brake.required = 5, of = 3: must be 1 <= required <= of <= 64"
    )]
    [InlineData("gpu-actors.rules { ecc-sbe-rate.max-per-hour = 7, power-brake.severity = loud }", "expected one of")]
    [InlineData("gpu-actors.rules { ecc-sbe-rate.max-per-hour = 7, power-break.of = 2 }", "unknown key")]
    [InlineData("gpu-actors.rules { ecc-sbe-rate.max-per-hour = 7, power-brake {", "")]
    [InlineData(
        "gpu-actors { rules.ecc-sbe-rate.max-per-hour = 7, xid-policy.codes.79.severity = deadly }",
        "expected one of none, info, warning, critical"
    )]
    public void A_bad_file_is_refused_with_the_reason_and_changes_nothing(string text, string reason)
    {
        var before = _rules.Current;
        Write(text);
        _reloader.Check();

        Assert.Same(before, _rules.Current);
        Assert.Contains("refused, the rules in force stay", Assert.Single(_log.Messages), StringComparison.Ordinal);
        Assert.Contains(reason, _log.Messages.First(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_mended_comes_into_force_and_one_that_is_unchanged_is_left_alone()
    {
        Write("gpu-actors.rules.power-brake.of = none");
        _reloader.Check();
        _reloader.Check();
        Write("gpu-actors.rules.power-brake.of = 4");
        _reloader.Check();
        _reloader.Check();

        Assert.Equal(2, _log.Messages.Count);
        Assert.Equal(4, _rules.Current.Of(RuleCatalog.PowerBrake).Of);
    }

    [Fact]
    public void A_file_that_is_gone_is_refused()
    {
        File.Delete(_file);
        _reloader.Check();
        Assert.Contains("cannot be read", Assert.Single(_log.Messages), StringComparison.Ordinal);
    }

    private void Write(string text) => File.WriteAllText(_file, text);
}
