"""What emitters of telemetry say in their own words, read into ours: one file each, asked in one order.

A dialect reads a span when one of its attributes begins as those of the dialect do. Whoever comes first in the order
is believed where several say something: makers of whole products, whose kinds are deliberate, before the conventions
that they all speak beside, and what merely lies around agents at the end.
"""

from functools import lru_cache
from typing import Protocol

from agentreplay.intake.dialects import (
    adk,
    braintrust,
    claude_code,
    codex,
    gemini_cli,
    genai,
    infrastructure,
    laminar,
    langfuse,
    langsmith,
    logfire,
    mlflow,
    openinference,
    pydantic_ai,
    traceloop,
    vercel,
)
from agentreplay.intake.dialects.reading import Reading, overlaid
from agentreplay.intake.dialects.source import Source

__all__ = ["Dialect", "read"]


class Dialect(Protocol):
    """What a module in this folder offers."""

    @property
    def PREFIXES(self) -> frozenset[str]:  # noqa: N802 - a constant of a module
        """What the attributes of the dialect begin with, up to the first dot."""
        ...

    def read(self, source: Source) -> Reading | None:
        """What the span says in this dialect; None when it is not spoken after all. Never raises."""
        ...


_ORDER: tuple[Dialect, ...] = (
    langfuse,
    openinference,
    mlflow,
    langsmith,
    braintrust,
    adk,
    logfire,
    vercel,
    gemini_cli,
    genai,
    claude_code,
    codex,
    traceloop,
    laminar,
    pydantic_ai,
    infrastructure,
)
_KIND_FIRST: tuple[Dialect, ...] = (traceloop, laminar)
"""Whose kinds are deliberate too, though what they say of calls is better told by those in front of them."""


@lru_cache(500)
def _spoken(prefixes: frozenset[str]) -> tuple[Dialect, ...]:
    return tuple(dialect for dialect in _ORDER if not prefixes.isdisjoint(dialect.PREFIXES))


def read(source: Source) -> Reading:
    """What all dialects that are spoken say together."""
    found = [(dialect, dialect.read(source)) for dialect in _spoken(source.prefixes)]
    told = [reading for _, reading in found if reading is not None]
    if not told:
        return Reading()
    if len(told) == 1:
        return told[0]
    kinds = [Reading(kind=reading.kind) for dialect, reading in found if reading and dialect in _KIND_FIRST]
    return overlaid([*kinds, *told])
