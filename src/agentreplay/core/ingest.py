"""Takes in what others report: a request is kept in a journal as it came, and read as a batch when it is indexed.

The indexer of any process may do the reading, so all that it must know is kept with the request.
"""

from functools import lru_cache
from pathlib import Path

import msgspec

from agentreplay.core.prices import book_of
from agentreplay.core.redact import Redactor, read_rules
from agentreplay.core.redact_span import SpanRedactor
from agentreplay.intake.normalise import normalise_all
from agentreplay.intake.otlp.coding import undo
from agentreplay.intake.otlp.joined import joined
from agentreplay.intake.otlp.reading import read, sessions_of
from agentreplay.intake.otlp.sources import Origin
from agentreplay.intake.otlp.wire import Encoding, Signal
from agentreplay.model.batch import Batch
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.span import Span
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import decoder, encode
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
    policies: dict[ProjectId, ContentPolicy] = {}
    """The same for the projects that had a policy of their own: whose spans these are stands in the body."""
    body: bytes


def payload_of(request: Request) -> bytes:
    """The request as a frame holds it."""
    return encode(request)


def batch_of_request(payload: bytes, folder: Path | None = None) -> Batch:
    """What such a frame says, redacted, understood and priced as the data folder tells.

    It was checked when it came in, so whatever was acknowledged is in it.
    """
    request = _request(payload)
    body = undo(request.coding, request.body, _LARGEST)
    origin = Origin(request.tenant, request.project, request.is_project_told)
    batch = read(request.signal, request.encoding, body, origin, request.received)
    # First, because what is understood of a span repeats what stands in it.
    spans = _redacted(request, batch.spans)
    book = book_of(folder)
    understood = normalise_all(spans, book)
    spans = tuple([joined(one.span) for one in understood])
    return Batch(
        tenant=request.tenant,
        # Of a session that was recorded the recorder tells.
        sessions=sessions_of(
            [span for span, one in zip(spans, understood, strict=True) if span.session == one.span.session]
        ),
        spans=spans,
        contents=tuple([content for one in understood for content in one.contents]),
        links=tuple([link for one in understood for link in one.links]),
    )


_request = decoder(Request)


def _redacted(request: Request, spans: tuple[Span, ...]) -> tuple[Span, ...]:
    policies: dict[ProjectId, ContentPolicy] = {
        span.project: request.policies.get(span.project, request.content) for span in spans
    }
    if len(policies) <= 1:
        content: ContentPolicy = next(iter(policies.values())) if policies else request.content
        return _kept(request, spans, content)
    # A request of several projects is rare, and the order of its spans is that of the request all the same.
    return tuple([_kept(request, (span,), policies[span.project])[0] for span in spans])


def _kept(request: Request, spans: tuple[Span, ...], content: ContentPolicy) -> tuple[Span, ...]:
    return spans if content == "full" else _redactor(content, request.project).spans(spans)


@lru_cache(maxsize=64)
def _redactor(content: ContentPolicy, project: ProjectId) -> SpanRedactor:
    path = Settings.read().redact
    # One secret has one placeholder in a project, whoever reports it and however often it is sent.
    rules = () if path is None else read_rules(path)
    return SpanRedactor(Redactor(content, rules, salt=f"otlp {project}".encode()))
