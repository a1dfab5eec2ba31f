using System.Security.Cryptography;
using System.Text;
using GpuActors.Core.Alerts;

namespace GpuActors.Core.Incidents;

/// <summary>Ids of incidents: the same cause, place and first alert always give the same id.</summary>
public static class IncidentIds
{
    /// <summary>32 hexadecimal digits: the first half of a SHA-256.</summary>
    /// <param name="cause">The cause.</param>
    /// <param name="place">The widest place of the cause.</param>
    /// <param name="firstAlertId">Id of the alert that opened it.</param>
    public static string Of(string cause, IncidentScope place, AlertId firstAlertId)
    {
        ArgumentNullException.ThrowIfNull(place);
        return Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes($"{cause}|{place.Kind}|{place.Name}|{firstAlertId}")).AsSpan(0, 16)
        );
    }
}
