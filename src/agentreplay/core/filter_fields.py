"""The fields a filter can speak of: of spans, of sessions, and what their values are."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from agentreplay.model.session import SESSION_STATUSES
from agentreplay.model.span import KINDS, STATUSES

__all__ = ["FIELDS", "Field", "Subject", "fields_of"]

Subject = Literal["spans", "sessions"]
"""What a filter is about."""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A field, and how it is asked for."""

    name: str
    kind: Literal[
        "words", "choice", "label", "attribute", "score", "money", "count", "duration", "time", "id", "beginning"
    ]
    meaning: str
    example: str
    subjects: tuple[Subject, ...] = ("spans", "sessions")
    values: tuple[str, ...] = ()
    """The usual values; of a choice there are no others."""

    @property
    def operators(self) -> tuple[str, ...]:
        """What may stand between the field and its value."""
        match self.kind:
            case "money" | "count" | "duration" | "score":
                return (">", ">=", "<", "<=", "=", ":")
            case "time" | "id" | "beginning":
                return (":", "=")
            case _:
                return (":", "=", "!=")


_SPANS: tuple[Subject, ...] = ("spans",)
_SESSIONS: tuple[Subject, ...] = ("sessions",)

FIELDS = (
    Field(
        name="kind", kind="words", meaning="what was done", example="kind:tool", subjects=_SPANS, values=tuple(KINDS),
    ),
    Field(
        name="status", kind="choice", meaning="how a span ended", example="status:error", subjects=_SPANS,
        values=STATUSES,
    ),
    Field(
        name="status", kind="choice", meaning="how a session ended, or that it runs", example="status:failed",
        subjects=_SESSIONS, values=SESSION_STATUSES,
    ),
    Field(name="name", kind="words", meaning="the name of a span", example='name:"chat gpt-5"', subjects=_SPANS),
    Field(name="agent", kind="words", meaning="which agent", example="agent:planner"),
    Field(name="model", kind="words", meaning="which model was called", example="model:gpt-5*"),
    Field(name="provider", kind="words", meaning="whose model", example="provider:anthropic", subjects=_SPANS),
    Field(name="tool", kind="words", meaning="which tool was called", example='tool:"web_search"'),
    Field(name="source", kind="words", meaning="what recorded it", example="source:otlp", subjects=_SESSIONS),
    Field(name="label", kind="label", meaning="a label of the session, and its value", example="label:env=prod"),
    Field(
        name="attr", kind="attribute", meaning="an attribute, and its value", example="attr.http.status_code=500",
        subjects=_SPANS,
    ),
    Field(
        name="score", kind="score", meaning="a score of it; of a session also those of its spans",
        example="score.helpful>0.5",
    ),
    Field(name="cost", kind="money", meaning="in dollars", example="cost>0.01"),
    Field(name="tokens", kind="count", meaning="of all buckets together", example="tokens>=10k"),
    Field(name="duration", kind="duration", meaning="how long it took", example="duration>2s"),
    Field(name="spans", kind="count", meaning="how many spans it has", example="spans>100", subjects=_SESSIONS),
    Field(name="since", kind="time", meaning="began then or later", example="since:2h"),
    Field(name="until", kind="time", meaning="began before then", example="until:2026-11-20"),
    Field(name="session", kind="id", meaning="in which session", example="session:01KDV…", subjects=_SPANS),
    Field(
        name="session", kind="beginning", meaning="what its id begins with", example="session:01KDV",
        subjects=_SESSIONS,
    ),
    Field(name="trace", kind="id", meaning="in which trace", example="trace:4bf92f…", subjects=_SPANS),
)  # fmt: skip


def fields_of(subject: Subject) -> Iterator[Field]:
    """The fields that filters of this subject have."""
    return (field for field in FIELDS if subject in field.subjects)
