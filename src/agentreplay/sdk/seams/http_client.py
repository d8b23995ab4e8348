"""http.client, and with it urllib.request: a request is collected before it is sent, so that none need be."""

from http.client import HTTPSConnection
from types import ModuleType
from typing import Any, cast

import msgspec

from agentreplay.model.call import Answer
from agentreplay.sdk import scope
from agentreplay.sdk.boundary import Boundary, Pending
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.raising import told_of
from agentreplay.sdk.seams import http, wire
from agentreplay.sdk.silence import is_silent, silence
from agentreplay.sdk.stream import stopwatch

__all__ = ["install"]

_CALL = "_agentreplay_call"
_SENT = "_agentreplay_sent"
"""Says of an exception that it was raised when the request was out: who asked saw it later."""


def install(patches: Patches, library: ModuleType) -> None:
    """Watch the end of each request's head, where it is sent, and the reading of its response."""
    connection: Any = cast("Any", library).HTTPConnection
    endheaders, getresponse = connection.endheaders, connection.getresponse

    def watched_end(self: Any, message_body: Any = None, *, encode_chunked: bool = False) -> None:
        boundary = scope.boundary()
        if boundary is None or is_silent():
            endheaders(self, message_body, encode_chunked=encode_chunked)
            return
        collected = _Collected(self.sock)
        self.sock = collected
        try:
            endheaders(self, message_body, encode_chunked=encode_chunked)
        finally:
            self.sock = collected.sock
        if collected.is_whole:
            _send(self, boundary, collected)
        else:
            # The program sends the body itself, bit by bit.
            self.sock = collected

    def watched_response(self: Any) -> Any:
        boundary = scope.boundary()
        if boundary is not None and isinstance(self.sock, _Collected):
            collected, self.sock = self.sock, self.sock.sock
            _send(self, boundary, collected)
        call = cast("tuple[Pending, int] | None", vars(self).pop(_CALL, None))
        if call is None:
            return getresponse(self)
        pending = call[0]
        try:
            with silence(), wire.tapped(self, *call):
                # The tap stands on the instance, before the class.
                return cast("Any", vars(self)["getresponse"])()
        except BaseException as error:
            if not pending.is_finished:
                raised = told_of(error)
                raised = msgspec.structs.replace(raised, state={**raised.state, _SENT: True})
                pending.finish(Answer(raised=raised, complete=isinstance(error, Exception)))
            raise

    patches.replace(connection, "endheaders", watched_end)
    patches.replace(connection, "getresponse", watched_response)


class _Collected:
    """Stands for the socket while a request is written."""

    def __init__(self, sock: Any) -> None:
        self.sock = None if isinstance(sock, wire.Served) else sock
        self._data = bytearray()

    def sendall(self, data: Any) -> None:
        self._data += data

    def close(self) -> None:
        if self.sock is not None:
            self.sock.close()

    @property
    def data(self) -> bytes:
        return bytes(self._data)

    @property
    def head(self) -> tuple[str, str, list[tuple[str, str]]]:
        """Method, target and headers."""
        lines = self.data.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ", 2)
        fields = [line.partition(":") for line in lines[1:]]
        return method, target, [(name, value.strip()) for name, _, value in fields]

    @property
    def body(self) -> bytes:
        """Without the framing of chunks."""
        data = self.data.partition(b"\r\n\r\n")[2]
        return b"".join(wire.Chunks().data(data)) if self._is_chunked else data

    @property
    def is_whole(self) -> bool:
        """Whether the body is there too."""
        data = self.data.partition(b"\r\n\r\n")[2]
        if self._is_chunked:
            return data.endswith(b"0\r\n\r\n")
        told = next((value for name, value in self.head[2] if name.lower() == "content-length"), "0")
        return not told.isdigit() or len(data) >= int(told)

    @property
    def _is_chunked(self) -> bool:
        return any(name.lower() == "transfer-encoding" and "chunked" in value.lower() for name, value in self.head[2])

    def with_body(self, body: bytes) -> bytes:
        """The request with another body."""
        line, _, rest = self.data.partition(b"\r\n\r\n")[0].partition(b"\r\n")
        fields = [
            field
            for field in rest.split(b"\r\n")
            if field.partition(b":")[0].strip().lower() not in {b"content-length", b"transfer-encoding"}
        ]
        return b"\r\n".join([line, *fields, b"Content-Length: %d" % len(body), b"", body])


def _send(conn: Any, boundary: Boundary, collected: _Collected) -> None:
    method, target, headers = collected.head
    pending = http.ask(boundary, method, _address(conn, target, headers), headers, collected.body)
    if isinstance(pending, Answer):
        conn.sock = wire.Served(lambda: pending, None, method)
        return
    if pending is None:
        with http.performing(None):
            conn.send(collected.data)
        return
    answer = http.to_serve(pending)
    if answer is None:
        _perform(conn, pending, collected)
        return
    if answer.raised is not None and not answer.head and not answer.raised.state.get(_SENT):
        http.arrive(pending)
    conn.sock = wire.Served(lambda: http.arrive(pending), pending, method)


def _perform(conn: Any, pending: Pending, collected: _Collected) -> None:
    is_other = pending.is_patched and pending.request.body != collected.body
    data = collected.with_body(pending.request.body) if is_other else collected.data
    started = stopwatch()
    try:
        with http.performing(pending):
            conn.send(data)
    except BaseException as error:
        pending.fail(error)
        raise
    vars(conn)[_CALL] = (pending, started)


def _address(conn: Any, target: str, headers: list[tuple[str, str]]) -> str:
    if "://" in target:
        return target
    fields = {name.lower(): value for name, value in headers}
    scheme = "https" if isinstance(conn, HTTPSConnection) else "http"
    return f"{scheme}://{fields.get('host') or f'{conn.host}:{conn.port}'}{target}"
