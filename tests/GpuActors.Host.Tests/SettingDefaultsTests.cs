using System.Collections;
using System.Reflection;
using GpuActors.Core.Rules;
using GpuActors.Host.Configuration;
using Xunit;

namespace GpuActors.Host.Tests;

/// <summary>A default stands twice, in code and in hocon/: they must not drift apart.</summary>
public sealed class SettingDefaultsTests
{
    // Where code has no default on purpose: there is none that is right for every user of the record.
    private static readonly HashSet<string> WithoutDefault = new(StringComparer.Ordinal) { "Kafka.BootstrapServers" };

    private static readonly HashSet<string> GivenByHost = new(StringComparer.Ordinal) { "Topic", "GroupId", "ManualCommit" };

    public static TheoryData<string> Records =>
        [
            .. typeof(HostSettings)
                .GetProperties()
                .Where(p => p.PropertyType.Namespace!.StartsWith("GpuActors", StringComparison.Ordinal))
                .Select(p => p.Name),
        ];

    [Theory]
    [MemberData(nameof(Records))]
    public void Defaults_in_code_are_those_of_the_files(string name)
    {
        var settings = HostSettings.Bind(new LayeredConfig(ConfigLoader.EmbeddedLayers()));
        var record = typeof(HostSettings).GetProperty(name)!;

        Compare(name, record.PropertyType, record.GetValue(settings)!, Activator.CreateInstance(record.PropertyType)!);
    }

    public static TheoryData<string> Rules => [.. RuleCatalog.All.Select(rule => rule.Id)];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Defaults_of_a_rule_are_those_of_the_files(string id)
    {
        var rule = RuleCatalog.Find(id)!;
        var file = HostSettings.Bind(new LayeredConfig(ConfigLoader.EmbeddedLayers())).Rules;

        Compare($"Rules.{id}", rule.SettingsType, file.Of(rule), rule.Defaults);
    }

    private static void Compare(string path, Type type, object file, object code)
    {
        foreach (PropertyInfo property in SettingsBinder.Properties(type))
        {
            var own = $"{path}.{property.Name}";
            if (WithoutDefault.Contains(own) || GivenByHost.Contains(property.Name))
            {
                continue;
            }

            var (a, b) = (property.GetValue(file), property.GetValue(code));
            if (a is not (null or string or IEnumerable) && !property.PropertyType.IsValueType)
            {
                Compare(own, property.PropertyType, a, b!);
            }
            else
            {
                Assert.True(Text(a) == Text(b), $"{own}: the files say {Text(a)}, the code says {Text(b)}");
            }
        }
    }

    private static string Text(object? value) =>
        value switch
        {
            null => "null",
            string text => text,
            // A file's keys have no order.
            IEnumerable items => string.Join(", ", items.Cast<object>().Select(item => item.ToString()).Order(StringComparer.Ordinal)),
            _ => value.ToString()!,
        };
}
