using System.Reflection;

namespace GpuActors.Host.Configuration;

/// <summary>
/// Fills a settings record from a section: property <c>MaxBatchRows</c> from key <c>max-batch-rows</c>. Every property must have its key: a
/// setting that code reads and no file lists does not exist. All problems of a record are reported together.
/// </summary>
internal sealed class SettingsBinder(LayeredConfig config)
{
    private readonly List<string> _problems = [];

    /// <summary>Fills <typeparamref name="T"/> from <paramref name="section"/>.</summary>
    /// <param name="section">Full path of the section.</param>
    /// <param name="keys">Full paths of properties whose key is elsewhere, by property; an empty path leaves the property at its
    /// default.</param>
    public T Bind<T>(string section, IReadOnlyDictionary<string, string>? keys = null)
        where T : class, new() => (T)Bind(typeof(T), section, keys);

    /// <summary>Fills a record of a type that is known at run time only.</summary>
    public object Bind(Type type, string section) => Bind(type, section, null);

    /// <summary>Stops with everything that was wrong so far.</summary>
    /// <exception cref="ConfigurationException">Something was.</exception>
    public void ThrowIfInvalid()
    {
        if (_problems.Count > 0)
        {
            throw new ConfigurationException([.. _problems.Distinct(StringComparer.Ordinal)]);
        }
    }

    /// <summary>Adds what a record's own check found, under its section.</summary>
    public void Problems(string section, IEnumerable<string> problems) =>
        _problems.AddRange(problems.Select(problem => $"{section}: {problem}"));

    /// <summary>Reads something that is no settings record; null when it could not be read.</summary>
    public T? Read<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (ConfigurationException e)
        {
            _problems.AddRange(e.Problems);
            return null;
        }
    }

    /// <summary>Runs a record's own check that throws.</summary>
    public void Check(string section, Action validate)
    {
        try
        {
            validate();
        }
        catch (ArgumentException e)
        {
            // Several records name their section themselves.
            _problems.Add(e.Message.StartsWith(HoconReader.Root, StringComparison.Ordinal) ? e.Message : $"{section}: {e.Message}");
        }
    }

    private object Bind(Type type, string section, IReadOnlyDictionary<string, string>? keys)
    {
        var settings = Activator.CreateInstance(type)!;
        foreach (var property in Properties(type))
        {
            var path = keys?.GetValueOrDefault(property.Name) ?? HoconReader.Join(section, KebabCase.Of(property.Name));
            if (path.Length == 0)
            {
                continue;
            }

            try
            {
                property.SetValue(settings, Value(property.PropertyType, path));
            }
            catch (ConfigurationException e)
            {
                _problems.AddRange(e.Problems);
            }
        }

        return settings;
    }

    private object? Value(Type type, string path) =>
        type.IsAssignableFrom(typeof(string[])) && type != typeof(object) ? config.RequiredList(path).ToArray()
        : type == typeof(IReadOnlyDictionary<string, string>) ? config.Table(path)
        : IsSettings(type) ? Bind(type, path, null)
        : IsNothing(type, path) ? null
        : config.Required(path, type);

    // A nullable value that is written as the empty text is "not set".
    private bool IsNothing(Type type, string path) =>
        Nullable.GetUnderlyingType(type) is not null && config.Find(path) is { Value.Text: "" };

    private static bool IsSettings(Type type) => type is { IsClass: true } && type != typeof(string) && type.GetConstructor([]) is not null;

    /// <summary>The properties that are settings: public, with an initialiser.</summary>
    public static IEnumerable<PropertyInfo> Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p is { CanRead: true, CanWrite: true } && p.GetIndexParameters().Length == 0);
}
