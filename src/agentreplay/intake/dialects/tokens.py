"""Token counts as emitters tell them, in our exclusive buckets."""

from collections.abc import Mapping

import msgspec

from agentreplay.intake.providers import openai
from agentreplay.intake.providers.wire import count, mapping
from agentreplay.model.usage import NO_USAGE, Usage
from agentreplay.model.values import Value

__all__ = ["dollars", "exclusive", "gemini_cli", "inclusive", "named"]

_NANO = 1_000_000_000
_MOST = (1 << 53) - 1


def inclusive(  # noqa: PLR0913 - so many counts do emitters tell apart, and each is named by whoever gives it
    read: int = 0,
    written: int = 0,
    *,
    total: int = 0,
    cache_read: int = 0,
    cache_write: int = 0,
    cache_write_1h: int = 0,
    reasoning: int = 0,
    audio_in: int = 0,
    audio_out: int = 0,
    image_in: int = 0,
) -> Usage | None:
    """The buckets, where what was read counts the cache in and what was written the reasoning; None for nothing.

    Parts that are more than their sum tell that it was without them.
    """
    if not (read or written or cache_read or cache_write or reasoning):
        return None
    used = openai.apportioned(
        read,
        written,
        total=total,
        cached=cache_read,
        stored=cache_write,
        thought=reasoning,
        audio_in=audio_in,
        image_in=image_in,
        audio_out=audio_out,
    )
    hour = min(cache_write_1h, used.cache_write_5m)
    if hour:
        used = msgspec.structs.replace(used, cache_write_5m=used.cache_write_5m - hour, cache_write_1h=hour)
    return used


def exclusive(**buckets: int) -> Usage | None:
    """The buckets, where each count is told without the others; None for nothing."""
    used = Usage(**buckets)
    return used if used != NO_USAGE else None


def gemini_cli(*, read: int, cached: int, tools: int, written: int, thought: int) -> Usage | None:
    """The buckets, as Gemini CLI counts: what was read has the cache in it, and all else is told by itself."""
    return exclusive(input=max(0, read - cached) + tools, cache_read=cached, output=written, reasoning=thought)


def named(told: Mapping[str, Value]) -> Usage | None:
    """The tokens in a map whose names give away whether it counts like OpenAI, like Anthropic or part by part."""
    if any(name in told for name in ("prompt_tokens", "input_tokens_details", "completion_tokens")):
        used = openai.usage(dict(told))
        return used if used.total else None
    if "input_tokens" in told or "output_tokens" in told:
        return _like_anthropic(told) if "cache_read_input_tokens" in told else _like_langchain(told)
    return exclusive(
        input=count(told.get("input")),
        cache_read=_first(
            told, "cache_read_input_tokens", "input_cached_tokens", "input_cache_read", "cache_read", "cached_tokens"
        ),
        cache_write_5m=_first(
            told, "cache_creation_input_tokens", "input_cache_creation", "cache_write", "input_cache_write"
        ),
        output=count(told.get("output")),
        reasoning=_first(told, "output_reasoning_tokens", "output_reasoning", "reasoning_tokens", "reasoning"),
        audio_in=_first(told, "input_audio_tokens", "input_audio"),
        audio_out=_first(told, "output_audio_tokens", "output_audio"),
        image_in=_first(told, "input_image_tokens", "input_image"),
    )


def dollars(value: Value) -> int | None:
    """An amount in dollars as nano-dollars; None when it is none."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST / _NANO:
        return None
    return round(value * _NANO)


def _like_anthropic(told: Mapping[str, Value]) -> Usage | None:
    """Anthropic's API tells what was read without the cache."""
    kept = mapping(told.get("cache_creation"))
    hour = count(kept.get("ephemeral_1h_input_tokens"))
    written = count(told.get("output_tokens"))
    thought = min(written, count(mapping(told.get("output_tokens_details")).get("thinking_tokens")))
    return exclusive(
        input=count(told.get("input_tokens")),
        cache_read=count(told.get("cache_read_input_tokens")),
        cache_write_5m=max(0, count(told.get("cache_creation_input_tokens")) - hour),
        cache_write_1h=hour,
        output=written - thought,
        reasoning=thought,
    )


def _like_langchain(told: Mapping[str, Value]) -> Usage | None:
    """LangChain counts sums, with their parts in details of its own names."""
    read, written = mapping(told.get("input_token_details")), mapping(told.get("output_token_details"))
    return inclusive(
        count(told.get("input_tokens")),
        count(told.get("output_tokens")),
        total=count(told.get("total_tokens")),
        cache_read=count(read.get("cache_read")),
        cache_write=count(read.get("cache_creation")),
        reasoning=count(written.get("reasoning")),
        audio_in=count(read.get("audio")),
        audio_out=count(written.get("audio")),
    )


def _first(told: Mapping[str, Value], *names: str) -> int:
    return next((number for name in names if (number := count(told.get(name)))), 0)
