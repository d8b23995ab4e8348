"""Secrets taken out of calls before they are kept."""

import msgspec

from agentreplay.core.redact import Redactor
from agentreplay.model.call import Answer, Chunk, Request
from agentreplay.model.values import Value

__all__ = ["CallRedactor"]


class CallRedactor:
    """Applies the rules of redaction to the parts of a call."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def request(self, request: Request) -> Request:
        """The request as it may be kept; the same one when nothing is secret."""
        head = self._head(request.head)
        body = self._redactor.data(request.body, request.media)
        if head is request.head and body is request.body:
            return request
        return msgspec.structs.replace(request, head=head, body=body)

    def answer(self, answer: Answer) -> Answer:
        """The answer as it may be kept; the same one when nothing is secret."""
        head = self._head(answer.head)
        body = self._redactor.data(answer.body, answer.media)
        if head is answer.head and body is answer.body:
            return answer
        chunks = answer.chunks if len(body) == len(answer.body) else _stretched(answer, body)
        return msgspec.structs.replace(answer, head=head, body=body, chunks=chunks)

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
            return self._redactor.headers(headers)
        redacted = [[name, self._redactor.headers({name: value})[name]] for name, value in headers]
        return headers if redacted == headers else redacted


def _stretched(answer: Answer, body: bytes) -> tuple[Chunk, ...]:
    """The chunks of a body whose length changed: a secret may have lain across their bounds, so bounds are kept
    where what stands before them is unchanged, and all that differs falls into one chunk.
    """
    if not answer.chunks:
        return answer.chunks
    chunks: list[Chunk] = []
    old, new = answer.body, body
    place = 0
    for chunk in answer.chunks[:-1]:
        end = place + chunk.size
        size = chunk.size if old[:end] == new[:end] else 0
        chunks.append(chunk._replace(size=size))
        place += size
        if size == 0:
            break
    rest = answer.chunks[len(chunks) :]
    tail = sum(chunk.size for chunk in _common_tail(rest, old, new))
    middle = len(new) - place - tail
    kept = _common_tail(rest, old, new)
    joined = rest[: len(rest) - len(kept)]
    chunks += [chunk._replace(size=0) for chunk in joined]
    if chunks:
        chunks[-1] = chunks[-1]._replace(size=chunks[-1].size + middle)
    elif kept:
        kept = [kept[0]._replace(size=kept[0].size + middle), *kept[1:]]
    return (*chunks, *kept)


def _common_tail(chunks: tuple[Chunk, ...] | list[Chunk], old: bytes, new: bytes) -> list[Chunk]:
    """The last chunks that are the same in both."""
    kept: list[Chunk] = []
    size = 0
    for chunk in reversed(chunks):
        size += chunk.size
        if size > len(new) or old[len(old) - size :] != new[len(new) - size :]:
            break
        kept.insert(0, chunk)
    return kept
