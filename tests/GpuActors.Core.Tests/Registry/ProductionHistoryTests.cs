using GpuActors.Core.Registry;

namespace GpuActors.Core.Tests.Registry;

public sealed class ProductionHistoryTests
{
    // +3: promote 3; <: rollback; -: take the current one out of production; ~3: move 3 to staging.
    [Theory]
    [InlineData("", null)]
    [InlineData("+1", null)]
    [InlineData("+1 +2", 1)]
    [InlineData("+1 +2 +3", 2)]
    [InlineData("+1 +2 +1", 2)]
    [InlineData("+1 +2 <", null)]
    [InlineData("+1 +2 +3 <", 1)]
    [InlineData("+1 +2 +3 < +4", 2)]
    [InlineData("+1 +2 +3 < <", null)]
    [InlineData("+1 -", 1)]
    [InlineData("+1 +2 -", 2)]
    [InlineData("+1 +2 - +3", 2)]
    [InlineData("+1 - +1", null)]
    [InlineData("+1 +2 - <", 1)]
    [InlineData("~3 +1 ~4 +2 ~1", 1)]
    public void The_former_version_is_the_one_whose_promotion_was_not_undone(string story, int? former) =>
        Assert.Equal(former, ProductionHistory.Former(Transitions(story)));

    private static List<StageTransition> Transitions(string story)
    {
        var transitions = new List<StageTransition>();
        int? current = null;
        foreach (var word in story.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            switch (word[0])
            {
                case '+':
                    Promote(word[1] - '0', TransitionCause.Requested);
                    break;
                case '<':
                    Promote(ProductionHistory.Former(transitions)!.Value, TransitionCause.Rollback);
                    break;
                case '-':
                    Add(current!.Value, ModelStage.Production, ModelStage.Archived, TransitionCause.Requested);
                    current = null;
                    break;
                default:
                    Add(word[1] - '0', ModelStage.None, ModelStage.Staging, TransitionCause.Requested);
                    break;
            }
        }

        return transitions;

        void Promote(int version, TransitionCause cause)
        {
            if (current is { } replaced)
            {
                Add(replaced, ModelStage.Production, ModelStage.Archived, TransitionCause.Replaced);
            }

            Add(version, ModelStage.None, ModelStage.Production, cause);
            current = version;
        }

        void Add(int version, ModelStage from, ModelStage to, TransitionCause cause) =>
            transitions.Add(new StageTransition(version, from, to, cause, 0, ""));
    }
}
