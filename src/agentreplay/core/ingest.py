"""Takes in what others report: a request is kept in a journal as it came, and read as a batch when it is indexed.

The indexer of any process may do the reading, so all that it must know is kept with the request.
"""

from functools import cache

import msgspec

from agentreplay.core.redact import Redactor, read_rules
from agentreplay.intake.otlp.coding import undo
from agentreplay.intake.otlp.reading import read
from agentreplay.intake.otlp.sources import Origin
from agentreplay.intake.otlp.wire import Encoding, Signal
from agentreplay.model.batch import Batch
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.span import Event, Link, Span
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value, decoder, encode
from agentreplay.settings import ContentPolicy, Settings
from agentreplay.store.journal.frame import REQUEST

__all__ = ["KIND", "VERSION", "Request", "batch_of_request", "payload_of"]

KIND = REQUEST
VERSION = 1
_LARGEST = 1 << 30


class Request(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A request as it came, and what was known about it when it came. The payload of a frame of this kind."""

    tenant: TenantId
    project: ProjectId
    is_project_told: bool = False
    """Whether the sender named the project beside the request."""
    signal: Signal
    encoding: Encoding
    coding: str = "identity"
    received: Nanoseconds
    content: ContentPolicy = "redacted"
    """What may be kept of contents, by the settings of whoever took it in."""
    body: bytes


def payload_of(request: Request) -> bytes:
    """The request as a frame holds it."""
    return encode(request)


def batch_of_request(payload: bytes) -> Batch:
    """What such a frame says, redacted. It was checked when it came in, so whatever was acknowledged is in it."""
    request = _request(payload)
    body = undo(request.coding, request.body, _LARGEST)
    origin = Origin(request.tenant, request.project, request.is_project_told)
    batch = read(request.signal, request.encoding, body, origin, request.received)
    if request.content == "full":
        return batch
    redact = _Redaction(_redactor(request.content, request.project))
    return msgspec.structs.replace(batch, spans=tuple([redact.span(span) for span in batch.spans]))


_request = decoder(Request)


@cache
def _redactor(content: ContentPolicy, project: ProjectId) -> Redactor:
    path = Settings.read().redact
    # One secret has one placeholder in a project, whoever reports it and however often it is sent.
    return Redactor(content, () if path is None else read_rules(path), salt=f"otlp {project}".encode())


class _Redaction:
    """Redacts the spans of one request; what many of them share is redacted once."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._shared: dict[int, dict[str, Value]] = {}

    def span(self, span: Span) -> Span:
        """The span without secrets."""
        attributes = self._values(span.attributes)
        resource, scope = self._once(span.resource), self._once(span.scope)
        message = self._redactor.text(span.status_message) if span.status_message else ""
        if (
            attributes is span.attributes
            and resource is span.resource
            and scope is span.scope
            and message is span.status_message
            and not span.events
            and not span.links
        ):
            return span
        return msgspec.structs.replace(
            span,
            attributes=attributes,
            resource=resource,
            scope=scope,
            status_message=message,
            events=tuple([self._event(event) for event in span.events]),
            links=tuple([self._link(link) for link in span.links]),
        )

    def _event(self, event: Event) -> Event:
        return msgspec.structs.replace(event, attributes=self._values(event.attributes))

    def _link(self, link: Link) -> Link:
        return msgspec.structs.replace(link, attributes=self._values(link.attributes))

    def _once(self, values: dict[str, Value]) -> dict[str, Value]:
        if not values:
            return values
        found = self._shared.get(id(values))
        if found is None:
            found = self._shared[id(values)] = self._values(values)
        return found

    def _values(self, values: dict[str, Value]) -> dict[str, Value]:
        redacted: dict[str, Value] = self._redactor.value(values) if values else values
        return redacted
