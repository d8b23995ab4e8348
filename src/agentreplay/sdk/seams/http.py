"""What all seams of HTTP share: requests and answers as they are kept, and the bodies that are served."""

from collections.abc import AsyncGenerator, Generator, Iterable, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import cast
from urllib.parse import urlsplit

from agentreplay.core import http
from agentreplay.model.call import Answer
from agentreplay.model.content import JSON
from agentreplay.model.values import Value
from agentreplay.sdk import tasks
from agentreplay.sdk.boundary import Boundary, Pending
from agentreplay.sdk.raising import revive
from agentreplay.sdk.seams.coding import Decoder, Undecodable, decoder
from agentreplay.sdk.silence import silence
from agentreplay.sdk.stream import Stream, stopwatch
from agentreplay.sdk.telemetry import is_export

__all__ = [
    "Kept",
    "arrive",
    "arrive_async",
    "ask",
    "headers_of",
    "is_apart",
    "performing",
    "pieces",
    "pieces_async",
    "reason_of",
    "status_of",
    "to_serve",
    "version_of",
]

_Headers = Iterable[tuple[str, str]]

_APART = (
    ("api.openai.com", "/v1/traces/ingest"),
    ("api.smith.langchain.com", "/info"),
    ("api.smith.langchain.com", "/otel"),
    ("api.smith.langchain.com", "/runs/batch"),
    ("api.smith.langchain.com", "/runs/multipart"),
    ("eu.api.smith.langchain.com", "/info"),
    ("eu.api.smith.langchain.com", "/otel"),
    ("eu.api.smith.langchain.com", "/runs/batch"),
    ("eu.api.smith.langchain.com", "/runs/multipart"),
    ("cloud.langfuse.com", "/api/public/ingestion"),
    ("cloud.langfuse.com", "/api/public/otel"),
    ("us.cloud.langfuse.com", "/api/public/ingestion"),
    ("us.cloud.langfuse.com", "/api/public/otel"),
    ("logfire-api.pydantic.dev", "/v1/"),
    ("logfire-us.pydantic.dev", "/v1/"),
    ("logfire-eu.pydantic.dev", "/v1/"),
    ("api.traceloop.com", "/v1/"),
    ("telemetry.crewai.com", "/"),
    ("app.posthog.com", "/"),
    ("us.posthog.com", "/"),
    ("eu.posthog.com", "/"),
    (".i.posthog.com", "/"),
    (".ingest.sentry.io", "/"),
    (".ingest.us.sentry.io", "/"),
    (".ingest.de.sentry.io", "/"),
    ("raw.githubusercontent.com", "/BerriAI/litellm/main/model_prices_and_context_window.json"),
)
"""What libraries report and look up by themselves, by host and path: no part of what the program does.
A dot begins any sub-domain. Reading back what was reported is not among it: that a program does on purpose."""


@lru_cache(256)
def is_apart(url: str) -> bool:
    """Whether calls there are no part of a run: not recorded, and answered with nothing when it is replayed."""
    parts = urlsplit(url)
    host, path = parts.hostname or "", parts.path or "/"
    return any(
        (host.endswith(name) if name.startswith(".") else host == name) and path.startswith(begin)
        for name, begin in _APART
    )


def ask(boundary: Boundary, method: str, url: str, headers: _Headers, body: bytes) -> Pending | Answer | None:
    """Ask the boundary for a call. None: perform it and tell nobody. An answer is served without any call.

    Whatever is wrong with the request is left to the library to complain about.
    """
    try:
        if is_apart(url) or is_export(method, url, headers):
            return None if boundary.player is None else Answer(head={"status": 202, "headers": []})
        asked = http.request(method, url, headers, body)
    except ValueError:
        return None
    return boundary.begin(asked)


@contextmanager
def performing(pending: Pending | None) -> Generator[None, None, None]:
    """What happens in here is how the library performs the call. The tasks and jobs it starts for that are not
    counted among the program's, because there are none when the call is served.
    """
    with silence(), tasks.inside(0 if pending is None else pending.address.ordinal):
        yield


def to_serve(pending: Pending) -> Answer | None:
    """The answer to give instead of performing, from the tape or from a script."""
    return pending.answer if pending.answer is not None else pending.scripted


def arrive(pending: Pending) -> Answer:
    """The served answer, once its turn has come. Raises what was raised instead of it."""
    if pending.answer is not None:
        pending.wait()
        return pending.answer
    return _scripted(pending)


async def arrive_async(pending: Pending) -> Answer:
    """The same, for a task."""
    if pending.answer is not None:
        await pending.wait_async()
        return pending.answer
    return _scripted(pending)


def pieces(pending: Pending) -> Generator[bytes, None, None]:
    """The body of the served answer, piece by piece; a piece may be empty."""
    yield from _scripted_pieces(pending) if pending.answer is None else pending.pieces()


async def pieces_async(pending: Pending) -> AsyncGenerator[bytes, None]:
    """The same, for a task."""
    if pending.answer is None:
        import asyncio  # start-up

        for piece in _scripted_pieces(pending):
            yield piece
            await asyncio.sleep(0)
        return
    async for piece in pending.pieces_async():
        yield piece


def _scripted(pending: Pending) -> Answer:
    answer = pending.scripted
    if answer is None:
        raise AssertionError("this call is to be performed")  # a seam is wrong
    if answer.chunks:
        return answer
    pending.finish(answer)
    if answer.raised is not None and not answer.head:
        raise revive(answer.raised, pending)
    return answer


def _scripted_pieces(pending: Pending) -> Generator[bytes, None, None]:
    answer = cast("Answer", pending.scripted)
    stream = pending.stream(answer.head, answer.media) if answer.chunks else None
    place = 0
    try:
        for chunk in answer.chunks:
            piece = answer.body[place : place + chunk.size]
            place += chunk.size
            if stream is not None:
                stream.chunk(piece)
            yield piece
        if stream is None and answer.body:
            yield answer.body
        if answer.raised is not None:
            error = revive(answer.raised, pending)
            if stream is not None:
                stream.end(error=error, complete=answer.complete)
            raise error
    finally:
        if stream is not None:
            stream.end(complete=place == len(answer.body))


def status_of(answer: Answer) -> int:
    """The status; a script may leave it out."""
    return int(answer.head.get("status", 200))


def reason_of(answer: Answer) -> str | None:
    """The words beside the status, where they were not the usual ones."""
    found = answer.head.get("reason")
    return None if found is None else str(found)


def version_of(answer: Answer) -> str:
    """The version of HTTP."""
    return str(answer.head.get("http_version", "HTTP/1.1"))


def headers_of(answer: Answer) -> list[tuple[str, str]]:
    """The headers in their order, with a length that is that of the body."""
    told = cast("Sequence[Sequence[str]]", answer.head.get("headers", [["content-type", answer.media]]))
    is_whole = bool(answer.body) and answer.complete and answer.raised is None
    size = str(len(answer.body))
    # A fork changes the body and not what is said of it.
    return [(name, size if is_whole and name.lower() == "content-length" else value) for name, value in told]


class Kept:
    """An answer that is kept while the library reads it. Each piece is told before the program gets it."""

    def __init__(  # noqa: PLR0913  # what a status line and a head hold
        self,
        pending: Pending,
        started: int,
        *,
        status: int,
        headers: _Headers,
        version: str | None = None,
        reason: str | None = None,
        is_decoded: bool = False,
    ) -> None:
        self.pending = pending
        told = [[name, value] for name, value in headers]
        self._head: dict[str, Value] = {"status": status, "headers": told}
        if reason:
            self._head["reason"] = reason
        if version is not None:
            self._head["http_version"] = version
        self._head["_took"] = stopwatch() - started
        fields = {name.lower(): value for name, value in told}
        self._media = fields.get("content-type", "").partition(";")[0].strip().lower() or JSON
        self._left = _length(fields)
        self._decoder: Decoder | None = None
        self._raw: list[bytes] = []
        self._stream: Stream | None = None
        self._is_ended = False
        self._cancelled: BaseException | None = None
        self._plain = self._head
        coding = fields.get("content-encoding", "")
        if coding and not is_decoded:
            self._decoder = decoder(coding)
        if coding and (is_decoded or self._decoder is not None):
            fit = [pair for pair in told if pair[0].lower() not in {"content-encoding", "content-length"}]
            self._plain = {**self._head, "headers": fit}
        if is_decoded and coding:
            self._left = None

    @property
    def is_ended(self) -> bool:
        """Whether the answer is kept."""
        return self._is_ended

    def begin(self) -> None:
        """The head has come, and a body follows."""
        self._stream = self.pending.stream(self._plain, self._media)

    def whole(self) -> None:
        """The head has come, and there is no body."""
        self._is_ended = True
        self.pending.finish(Answer(head=self._head, media=self._media))

    def took(self, piece: bytes) -> None:
        """A piece of the body came from the network."""
        stream = self._stream
        self._cancelled = None
        if stream is None or self._is_ended or not piece:
            return
        stream.chunk(self._decoded(stream, piece))
        if stream.is_kept:
            self._is_ended = True
        elif self._left is not None:
            self._left -= len(piece)
            if self._left <= 0:
                self.ended()

    def _decoded(self, stream: Stream, piece: bytes) -> bytes:
        machine = self._decoder
        if machine is None:
            return piece
        try:
            plain = machine.decode(piece)
        except Undecodable:
            self._decoder = None
            stream.restate(self._head, self._raw)
            return piece
        self._raw.append(piece)
        return plain

    def ended(self, *, complete: bool = True) -> None:
        """The body is over; not complete, when less came than was said to come."""
        if not self._is_ended and self._stream is not None:
            self._is_ended = True
            self._stream.end(complete=complete)

    def left(self) -> None:
        """The program does not want the rest."""
        if self._cancelled is None:
            self.ended(complete=False)
        else:
            self.broke(self._cancelled)

    def cancelled(self, error: BaseException) -> None:
        """The waiting was cancelled; if nothing follows, it ended with that."""
        self._cancelled = error

    def broke(self, error: BaseException) -> None:
        """The body broke off, or the waiting for it was cancelled."""
        if not self._is_ended and self._stream is not None:
            self._is_ended = True
            self._stream.end(error=error, complete=isinstance(error, Exception))


def _length(fields: dict[str, str]) -> int | None:
    told = fields.get("content-length", "")
    return int(told) if told.isascii() and told.isdigit() and "transfer-encoding" not in fields else None
