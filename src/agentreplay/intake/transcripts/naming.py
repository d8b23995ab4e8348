"""Names prompts and calls of tools to which an agent gives none by what is asked, as its hooks name them too."""

from agentreplay.intake.transcripts.identity import likeness
from agentreplay.intake.transcripts.story import Story
from agentreplay.model.usage import NO_USAGE
from agentreplay.model.values import Value

__all__ = ["named_call", "named_prompt"]


def named_prompt(story: Story, words: str) -> str:
    """The name of a prompt."""
    return likeness(story.place.session, "", story.outbox.value(words))


def named_call(story: Story, tool: str, given: Value) -> str:
    """The name of a call; of those that are alike the first has it, and the others have none."""
    named = likeness(story.place.session, tool, story.outbox.value(given))
    if f"call {named}" in story.state.used:
        return ""
    story.state.used[f"call {named}"] = NO_USAGE
    return named
