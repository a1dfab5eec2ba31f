using System.Security.Cryptography;
using System.Text;
using GpuActors.Core.Alerts;

namespace GpuActors.Core.Incidents;

/// <summary>Ids of incidents: the same cause, scope and first alert always give the same id.</summary>
public static class IncidentIds
{
    /// <summary>32 hexadecimal digits: the first half of a SHA-256.</summary>
    /// <param name="cause">The cause.</param>
    /// <param name="scope">What the incident is about.</param>
    /// <param name="firstAlertId">Id of the alert that joined first.</param>
    public static string Of(string cause, IncidentScope scope, AlertId firstAlertId)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes($"{cause}|{scope.Kind}|{scope.Name}|{firstAlertId}")).AsSpan(0, 16)
        );
    }
}
