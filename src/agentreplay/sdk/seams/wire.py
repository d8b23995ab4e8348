"""HTTP as the bytes of one connection, for the libraries that read it through `http.client`.

What they read is kept on its way, below all that they make of it; what is served is written as a server would write
it, and read by their own code.
"""

import io
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, cast

from agentreplay.model.call import Answer
from agentreplay.sdk.boundary import Pending
from agentreplay.sdk.seams import http
from agentreplay.sdk.silence import silence

__all__ = ["Chunks", "Served", "Tap", "tapped"]


class Chunks:
    """Takes the framing off a body that comes in chunks, however it is cut when it is read."""

    def __init__(self) -> None:
        self._line = b""
        self._left = 0
        """Of the chunk, its data and the end of line behind it."""
        self._is_trailer = False
        self.is_over = False

    def data(self, read: bytes) -> list[bytes]:
        """The data in what was read."""
        found: list[bytes] = []
        while read and not self.is_over:
            if self._left > 2:  # noqa: PLR2004  # the end of line
                piece = read[: self._left - 2]
                found.append(piece)
                self._left -= len(piece)
                read = read[len(piece) :]
            elif self._left:
                gone = min(self._left, len(read))
                self._left -= gone
                read = read[gone:]
            else:
                read = self._header(read)
        return found

    def _header(self, read: bytes) -> bytes:
        line, end, rest = read.partition(b"\n")
        self._line += line + end
        if end:
            said, self._line = self._line.strip(), b""
            if self._is_trailer:
                self.is_over = not said
            else:
                self._begin(said)
        return rest

    def _begin(self, said: bytes) -> None:
        try:
            size = int(said.partition(b";")[0], 16)
        except ValueError:
            self.is_over = True  # the library complains about it
            return
        self._is_trailer = size == 0
        self._left = size + 2 if size else 0


class Tap:
    """The file a response is read from; what is read is kept first."""

    def __init__(self, file: Any, kept: http.Kept, *, chunked: bool, length: int | None) -> None:
        self._file = file
        self._kept = kept
        self._chunks = Chunks() if chunked else None
        self._length = length

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = -1 if size is None else size
        data: bytes = self._perform(self._file.read, wanted)
        self._saw(data, is_end=len(data) < wanted or wanted < 0)
        return data

    def read1(self, size: int = -1, /) -> bytes:
        data: bytes = self._perform(self._file.read1, size)
        self._saw(data, is_end=not data and size != 0)
        return data

    def readline(self, size: int = -1, /) -> bytes:
        data: bytes = self._perform(self._file.readline, size)
        self._saw(data, is_end=not data.endswith(b"\n") and len(data) != size)
        return data

    def readinto(self, buffer: Any, /) -> int:
        size = int(self._perform(self._file.readinto, buffer) or 0)
        self._saw(bytes(memoryview(buffer)[:size]), is_end=not size and len(buffer) > 0)
        return size

    def peek(self, size: int = 0, /) -> bytes:
        return cast("bytes", self._perform(self._file.peek, size))

    def close(self) -> None:
        self._kept.left()
        with silence():
            self._file.close()

    def _perform(self, read: Callable[[Any], Any], argument: Any) -> Any:
        try:
            with silence():
                return read(argument)
        except BaseException as error:
            self._kept.broke(error)
            raise

    def _saw(self, read: bytes, *, is_end: bool) -> None:
        if self._chunks is not None:
            for piece in self._chunks.data(read):
                self._kept.took(piece)
            if self._chunks.is_over or is_end:
                self._kept.ended(complete=self._chunks.is_over)
            return
        self._kept.took(read)
        if self._length is not None:
            self._length -= len(read)
        if is_end or self._length == 0:
            self._kept.ended(complete=not self._length)


@contextmanager
def tapped(conn: Any, pending: Pending, started: int) -> Generator[None, None, None]:
    """The response this connection reads in here is kept as soon as its head has come."""
    getresponse = conn.getresponse

    def tapping(*arguments: Any, **named: Any) -> Any:
        # Not before: the connection may choose another class while the request is sent.
        before = cast("Any", vars(conn).get("response_class"))
        conn.response_class = _tapping(pending, started, conn.response_class)
        try:
            return getresponse(*arguments, **named)
        finally:
            if before is None:
                del conn.response_class
            else:
                conn.response_class = before

    conn.getresponse = tapping
    try:
        yield
    finally:
        del conn.getresponse


def _tapping(pending: Pending, started: int, make: Callable[..., Any]) -> Callable[..., Any]:
    def response_class(*arguments: Any, **named: Any) -> Any:
        response = make(*arguments, **named)
        begin = response.begin

        def begin_and_tap() -> None:
            del response.begin
            begin()
            _tap(response, pending, started)

        response.begin = begin_and_tap
        return response

    return response_class


def _tap(response: Any, pending: Pending, started: int) -> None:
    if response.status == HTTPStatus.SWITCHING_PROTOCOLS:
        pending.finish(Answer(head={"status": response.status}, is_live=True))
        return
    kept = http.Kept(
        pending,
        started,
        status=response.status,
        headers=[(name, " ".join(str(value).split("\r\n"))) for name, value in response.msg.items()],
        version="HTTP/1.0" if response.version == _OLD else "HTTP/1.1",
        reason=response.reason,
    )
    if response.length == 0 or response.fp is None:
        kept.whole()
        return
    kept.begin()
    response.fp = Tap(response.fp, kept, chunked=bool(response.chunked), length=response.length)


_OLD = 10


class Served:
    """A socket on which an answer comes from the tape. What is sent goes nowhere."""

    def __init__(self, answer: Callable[[], Answer], pending: Pending | None, method: str) -> None:
        self._answer = answer
        self._pending = pending
        self._method = method

    def makefile(self, mode: str = "rb", *_: Any, **__: Any) -> Any:
        """The file a response is read from."""
        return io.BytesIO() if "w" in mode else io.BufferedReader(_Bytes(self._wire(), self._pending))

    def _wire(self) -> Generator[bytes, None, None]:
        answer = self._answer()
        headers = http.headers_of(answer)
        status = http.status_of(answer)
        reason = http.reason_of(answer)
        if reason is None:
            reason = HTTPStatus(status).phrase if status in _KNOWN else ""
        lines = [f"{http.version_of(answer)} {status} {reason}", *(f"{name}: {value}" for name, value in headers)]
        yield "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
        if self._pending is None or self._method == "HEAD":
            return
        chunked = any(name.lower() == "transfer-encoding" and value.lower() == "chunked" for name, value in headers)
        for piece in http.pieces(self._pending):
            if piece:
                yield b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece
        if chunked and answer.complete:
            yield b"0\r\n\r\n"

    def sendall(self, *_: Any) -> None:
        """As a socket does, but nowhere."""

    def send(self, data: Any, *_: Any) -> int:
        """As a socket does, but nowhere."""
        return len(data)

    def settimeout(self, *_: Any) -> None:
        """As a socket does; nothing here takes time."""

    def setsockopt(self, *_: Any) -> None:
        """As a socket does."""

    def shutdown(self, *_: Any) -> None:
        """As a socket does."""

    def close(self) -> None:
        """As a socket does; the file goes on being read."""

    def gettimeout(self) -> None:
        """As a socket does."""


_KNOWN = {int(status) for status in HTTPStatus}


class _Bytes(io.RawIOBase):
    """A file of bytes that are made when they are asked for."""

    def __init__(self, source: Generator[bytes, None, None], pending: Pending | None) -> None:
        super().__init__()
        self._source = source
        self._pending = pending
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if not self._rest:
            self._rest = next(self._source, b"")
        data, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed and self._pending is not None:
            self._source.close()
            self._pending.leave()
        super().close()
