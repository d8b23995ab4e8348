"""Batches as indexing reads them: what is only passed on stays encoded.

Values of attributes go from the journal into the store as they are, and resources and scopes repeat; to build all
these only to take them apart again is half the work of reading a batch. What a `Batch` promises of its parts is
checked here as far as the types say it, and in `prepare` where a thing is met for the first time.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Raw

from agentreplay.errors import ValueInvalid
from agentreplay.model.batch import Batch
from agentreplay.model.content import JSON
from agentreplay.model.context import Marker
from agentreplay.model.session import Session
from agentreplay.model.span import EARLIEST, LATEST, MOST, Event, Link, Status
from agentreplay.model.usage import NO_USAGE, Usage
from agentreplay.model.values import decoder, encode

__all__ = ["Told", "ToldContent", "ToldLink", "ToldSpan", "read_told"]

_Time = Annotated[int, Meta(ge=EARLIEST, le=LATEST)]
_Count = Annotated[int, Meta(ge=0, le=MOST)]
_NOTHING = Raw(encode({}))


class _Kept(msgspec.Struct, frozen=True, gc=False):
    role: str
    hash: str


class _Context(msgspec.Struct, frozen=True, gc=False):
    id: str
    markers: tuple[Marker, ...] = ()


class ToldSpan(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A Span whose values are still encoded."""

    tenant: str
    project: str
    session: str
    trace_id: str
    span_id: str
    start: _Time
    parent_id: str | None = None
    kind: str = "custom"
    name: str = ""
    end: _Time | None = None
    seq: _Count = 0
    status: Status = "unset"
    agent: str | None = None
    iteration: _Time | None = None
    model: str | None = None
    provider: str | None = None
    tool: str | None = None
    usage: Usage = NO_USAGE
    cost: _Count | None = None
    status_message: str = ""
    attributes: dict[str, Raw] = {}
    events: tuple[Event, ...] = ()
    links: tuple[Link, ...] = ()
    kept: tuple[_Kept, ...] = ()
    context: _Context | None = None
    trace_state: str = ""
    flags: int = 0
    resource: Raw = _NOTHING
    """A map; likewise the scope."""
    scope: Raw = _NOTHING
    dropped_attributes: int = 0
    dropped_events: int = 0
    dropped_links: int = 0


class ToldContent(msgspec.Struct, frozen=True, gc=False):
    """A Content."""

    hash: str
    data: bytes
    media: str = JSON


class ToldLink(msgspec.Struct, frozen=True, gc=False):
    """A ContextLink."""

    id: str
    message: str
    previous: str | None = None


class Told(msgspec.Struct, frozen=True):
    """A Batch."""

    tenant: str | None = None
    sessions: tuple[Session, ...] = ()
    spans: tuple[ToldSpan, ...] = ()
    contents: tuple[ToldContent, ...] = ()
    links: tuple[ToldLink, ...] = ()


_read_batch = decoder(Batch)
_read_told = decoder(Told, is_lenient=False)


def read_told(data: bytes) -> Told | Batch:
    """Read an encoded Batch; raises one of ours when it is none."""
    try:
        return _read_told(data)
    except ValueInvalid:
        # What is rare is read the long way, which also says best what is wrong.
        return _read_batch(data)
