"""Batches as indexing reads them: what is only passed on stays encoded.

Values of attributes go from the journal into the store as they are, and resources and scopes repeat; to build all
these only to take them apart again is half the work of reading a batch. What a `Batch` promises of its parts is
checked here as far as the types say it, and in `prepare` where a thing is met for the first time.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Raw

from agentreplay.errors import ValueInvalid
from agentreplay.model.batch import Batch, owner_of
from agentreplay.model.content import JSON
from agentreplay.model.context import Marker
from agentreplay.model.session import Session
from agentreplay.model.span import EARLIEST, LATEST, MOST, Event, Link, Span, Status
from agentreplay.model.usage import NO_USAGE, Usage
from agentreplay.model.values import decoder, encode

__all__ = ["Told", "ToldContent", "ToldLink", "ToldSpan", "read_told", "told"]

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
    """A Batch. `owner` says whose it is."""

    tenant: str | None = None
    sessions: tuple[Session, ...] = ()
    spans: tuple[ToldSpan, ...] = ()
    contents: tuple[ToldContent, ...] = ()
    links: tuple[ToldLink, ...] = ()

    @property
    def owner(self) -> str | None:
        """See `owner_of`."""
        return owner_of(self.tenant, (*self.sessions, *self.spans), self.contents or self.links)


_read_batch = decoder(Batch)
_read_told = decoder(Told, is_lenient=False)
_ENCODED = ("resource", "scope")


def read_told(data: bytes) -> Told:
    """Read an encoded Batch; raises one of ours when it is none."""
    try:
        return _read_told(data)
    except ValueInvalid:
        # What is rare is read the long way, which also says best what is wrong.
        return told(_read_batch(data))


def told(batch: Batch) -> Told:
    """The same, of a batch that is read already."""
    contents = tuple([ToldContent(content.hash, content.data, content.media) for content in batch.contents])
    links = tuple([ToldLink(link.id, link.message, link.previous) for link in batch.links])
    return Told(batch.tenant, batch.sessions, tuple(map(_told_span, batch.spans)), contents, links)


def _told_span(span: Span) -> ToldSpan:
    fields = msgspec.structs.asdict(span)
    fields["attributes"] = {name: Raw(encode(value)) for name, value in span.attributes.items()}
    fields["kept"] = tuple([_Kept(kept.role, kept.hash) for kept in span.kept])
    fields["context"] = None if span.context is None else _Context(span.context.id, span.context.markers)
    fields |= {name: Raw(encode(fields[name])) for name in _ENCODED}
    return ToldSpan(**fields)
