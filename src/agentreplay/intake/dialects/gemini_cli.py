"""Gemini CLI's own records: each answer is told twice, and only in its own words with all of its tokens."""

from agentreplay.intake.dialects import tokens
from agentreplay.intake.dialects.reading import Reading
from agentreplay.intake.dialects.source import Source
from agentreplay.intake.records import LOG
from agentreplay.model.usage import Usage

__all__ = ["PREFIXES", "read"]

PREFIXES = frozenset({"event"})

_EMITTER = "gemini_cli."
_SERVICE = "gemini-cli"
_EVENTS = {
    "gemini_cli.api_response": "llm",
    "gemini_cli.api_error": "llm",
    "gemini_cli.tool_call": "tool",
    "gemini_cli.user_prompt": "human",
}
"""Of its records, those that tell of something done; the others tell of it once more."""
_CONVENTION = "gen_ai."
"""It tells of each request and each answer in the words of the conventions too, without what came from the cache."""


def read(source: Source) -> Reading | None:
    """What the record says in these words; None when it is not Gemini CLI's."""
    said = source.text("event.name") or source.span.name
    if LOG not in source.attributes:
        return None
    if not said.startswith(_EMITTER):
        is_ours = source.span.resource.get("service.name") == _SERVICE
        return Reading(kind="custom") if is_ours and said.startswith(_CONVENTION) else None
    kind = _EVENTS.get(said, "custom")
    return Reading(
        kind=kind,
        model=source.text("model") if kind == "llm" else None,
        provider="gcp.gemini" if kind == "llm" else None,
        tool=source.text("function_name"),
        usage=_usage(source) if kind == "llm" else None,
        status="error" if said.endswith("_error") or source.attributes.get("success") in (False, "false") else None,
        status_message=source.text("error", "error.message"),
        request=source.value("function_args", "prompt"),
        answer=source.value("response_text"),
    )


def _usage(source: Source) -> Usage | None:
    return tokens.gemini_cli(
        read=source.count("input_token_count"),
        cached=source.count("cached_content_token_count"),
        tools=source.count("tool_token_count"),
        written=source.count("output_token_count"),
        thought=source.count("thoughts_token_count"),
    )
