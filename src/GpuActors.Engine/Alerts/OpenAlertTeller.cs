using Akka.Actor;
using GpuActors.Core.Alerts;
using static GpuActors.Engine.Protocol.OpenAlertProtocol;

namespace GpuActors.Engine.Alerts;

/// <summary>Answers other nodes which alerts are open on this one.</summary>
internal sealed class OpenAlertTeller : ReceiveActor
{
    /// <summary>Its name below <c>/user</c>, by which other nodes find it.</summary>
    public const string Name = "open-alerts";

    public OpenAlertTeller(OpenAlertView open) =>
        Receive<GetOpenAlerts>(get =>
        {
            var found = open.All().Where(alert => get.Where.All(field => alert.Field(field.Key) == field.Value)).ToList();
            Sender.Tell(new OpenAlertList([.. found.Take(get.Limit)], found.Count));
        });

    public static Props Props(OpenAlertView open) => Akka.Actor.Props.Create(() => new OpenAlertTeller(open));
}
