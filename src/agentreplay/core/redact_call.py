"""Secrets taken out of calls before they are kept."""

from itertools import accumulate
from typing import cast

import msgspec

from agentreplay.core.redact import Redactor
from agentreplay.core.redact_form import clean_form
from agentreplay.core.redact_span import SpanRedactor
from agentreplay.core.redact_stream import clean_events
from agentreplay.model.call import Answer, Chunk, Raised, Request
from agentreplay.model.checkpoint import DIGEST, TASK
from agentreplay.model.content import JSON
from agentreplay.model.span import Span
from agentreplay.model.values import Value
from agentreplay.playback.folding import CALL
from agentreplay.playback.tape import CONTENT, ENVIRONMENT, EXIT_CODE, FUNCTION, HASH_SEED, SALT, TERMINALS, TOOL

__all__ = ["CallRedactor"]

_OURS = frozenset(
    {SALT, CONTENT, HASH_SEED, EXIT_CODE, TERMINALS, ENVIRONMENT, FUNCTION, CALL, DIGEST, TASK, TOOL, "process.path"}
)
_FUNCTIONS = frozenset({"tool", "retrieval", "database", "memory"})
_SHORT = 4096
"""So many bytes of both bodies; beyond, a second look at what is not clean would cost more than one look saves."""


class CallRedactor:
    """Applies the rules of redaction to the parts of a call."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._spans = SpanRedactor(redactor)

    def call(self, request: Request, answer: Answer) -> tuple[Request, Answer]:
        """Both as they may be kept. Most short ones hold nothing secret, which one look at both tells."""
        is_short = len(request.body) + len(answer.body) <= _SHORT
        if is_short and request.seam in _FUNCTIONS and answer.raised is None and not (answer.head or answer.printed):
            is_json = request.media == answer.media == JSON
            if is_json and self._redactor.are_clean_bodies(request.body, answer.body):
                return request, answer
        return self.request(request), self.answer(answer)

    def request(self, request: Request) -> Request:
        """The request as it may be kept; the same one when nothing is secret."""
        # What stands in the head of a function is our own.
        head = request.head if request.seam in _FUNCTIONS else self._head(request.head)
        body = clean_form(self._redactor, request.body, request.media)
        if head is request.head and body is request.body:
            return request
        return msgspec.structs.replace(request, head=head, body=body)

    def answer(self, answer: Answer) -> Answer:
        """The answer as it may be kept; the same one when nothing is secret."""
        head = self._head(answer.head)
        # First what lies across events: of a secret that is half gone the other half is none any more.
        body = self._redactor.data(clean_events(self._redactor, answer.body, answer.media), answer.media)
        raised = None if answer.raised is None else self._raised(answer.raised)
        printed = tuple(piece._replace(text=self._redactor.text(piece.text)) for piece in answer.printed)
        is_same = head is answer.head and body is answer.body and raised is answer.raised
        if is_same and printed == answer.printed:
            return answer
        chunks = answer.chunks if len(body) == len(answer.body) else _stretched(answer.chunks, answer.body, body)
        return msgspec.structs.replace(answer, head=head, body=body, chunks=chunks, raised=raised, printed=printed)

    def _raised(self, raised: Raised) -> Raised:
        kept = msgspec.structs.replace(
            raised,
            message=self._redactor.text(raised.message),
            arguments=tuple(self._redactor.value(list(raised.arguments))),
            state=self._redactor.value(raised.state),
        )
        return raised if kept == raised else kept

    def span(self, span: Span) -> Span:
        """The span as it may be kept; the same one when nothing is secret."""
        if _OURS.isdisjoint(span.attributes):
            return self._spans.span(span)
        # What a recorder itself sets is what replay needs, and none of the contents.
        theirs = {name: item for name, item in span.attributes.items() if name not in _OURS}
        ours = {name: item for name, item in span.attributes.items() if name in _OURS}
        clean = self._spans.span(msgspec.structs.replace(span, attributes=theirs))
        return msgspec.structs.replace(clean, attributes={**ours, **clean.attributes})

    def state(self, data: bytes) -> bytes:
        """See sdk.keeping.Redacting."""
        return self._redactor.data(data)

    def _head(self, head: dict[str, Value]) -> dict[str, Value]:
        if not head:
            return head
        fields: dict[str, Value] = {}
        for name, item in head.items():
            if name == "headers":
                fields[name] = self._headers(item)
            elif name == "url":
                fields[name] = self._redactor.url(item)
            else:
                fields[name] = self._redactor.value(item)
        return head if all(fields[name] is head[name] for name in head) else fields

    def _headers(self, headers: Value) -> Value:
        if isinstance(headers, dict):
            return self._redactor.headers(cast("dict[str, str]", headers))
        redacted = [[name, self._redactor.header(name, value)] for name, value in headers]
        return headers if redacted == headers else redacted


def _stretched(chunks: tuple[Chunk, ...], old: bytes, new: bytes) -> tuple[Chunk, ...]:
    """The chunks of a body whose length changed: a secret may have lain across their bounds, so bounds are kept
    where what stands before or behind them is unchanged, and all that differs comes with the last chunk in between.
    """
    if not chunks:
        return chunks
    bounds = [0, *accumulate(chunk.size for chunk in chunks)]
    grown = len(new) - len(old)
    first = 0
    while first < len(chunks) - 1 and old[bounds[first] : bounds[first + 1]] == new[bounds[first] : bounds[first + 1]]:
        first += 1
    last = len(chunks)
    while last - 1 > first and bounds[last - 1] + grown >= bounds[first]:
        begin, end = bounds[last - 1], bounds[last]
        if old[begin:end] != new[begin + grown : end + grown]:
            break
        last -= 1
    between = [chunk._replace(size=0) for chunk in chunks[first:last]]
    between[-1] = between[-1]._replace(size=bounds[last] + grown - bounds[first])
    return (*chunks[:first], *between, *chunks[last:])
