"""Codex's own records, which tell the tokens of a call at the end of its stream, counted like OpenAI's API does."""

from agentreplay.intake.dialects.reading import Reading
from agentreplay.intake.dialects.source import Source
from agentreplay.intake.dialects.tokens import inclusive
from agentreplay.intake.records import LOG

__all__ = ["PREFIXES", "read"]

PREFIXES = frozenset({"conversation"})

_EMITTER = "codex."
_COMPLETED = "response.completed"
_EVENTS = {"codex.tool_result": "tool", "codex.user_prompt": "human"}
"""Of its records, those that tell of something done, beside the end of an answer; the others tell of it once more."""


def read(source: Source) -> Reading | None:
    """What the record says in these words; None when it is not Codex's."""
    said = source.text("event.name") or source.span.name
    # What it logs in full bears the name of no event, only the kind of what came in the stream.
    is_whole = source.text("event.kind") == _COMPLETED and source.has("input_token_count")
    if LOG not in source.attributes or not (said.startswith(_EMITTER) or is_whole):
        return None
    if is_whole:
        return Reading(
            kind="llm",
            model=source.text("model"),
            provider="openai",
            usage=inclusive(
                source.count("input_token_count"),
                source.count("output_token_count"),
                cache_read=source.count("cached_token_count"),
                cache_write=source.count("cache_write_token_count"),
                reasoning=source.count("reasoning_token_count"),
            ),
        )
    failure = source.text("error.message")
    return Reading(
        kind=_EVENTS.get(said, "custom"),
        tool=source.text("tool_name"),
        status="error" if failure or source.attributes.get("success") in (False, "false") else None,
        status_message=failure,
        request=source.value("arguments", "prompt"),
        answer=source.value("output"),
    )
