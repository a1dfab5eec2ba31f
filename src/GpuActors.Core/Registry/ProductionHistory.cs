namespace GpuActors.Core.Registry;

/// <summary>Which version was in production before the one that is, or that was last.</summary>
public static class ProductionHistory
{
    /// <summary>
    /// The version to which a rollback goes; null if there is none. A promotion can be undone once: the next rollback undoes the promotion
    /// before it, so that two rollbacks do not bring back the version that the first has removed.
    /// </summary>
    /// <param name="transitions">All transitions of the model, in their order.</param>
    public static int? Former(IEnumerable<StageTransition> transitions)
    {
        var former = new Stack<int>();
        int? current = null;
        foreach (var transition in transitions)
        {
            if (transition.To == ModelStage.Production)
            {
                if (transition.Cause == TransitionCause.Rollback)
                {
                    former.Pop();
                }
                else if (current is { } replaced)
                {
                    former.Push(replaced);
                }
                else if (former.TryPeek(out var last) && last == transition.Version)
                {
                    // It was taken out of production and comes back.
                    former.Pop();
                }

                current = transition.Version;
            }
            else if (transition.From == ModelStage.Production && transition.Cause == TransitionCause.Requested)
            {
                // Nothing has taken its place: a rollback brings it back itself.
                former.Push(transition.Version);
                current = null;
            }
        }

        return former.TryPeek(out var version) ? version : null;
    }
}
