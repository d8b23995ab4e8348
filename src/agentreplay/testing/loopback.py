"""An HTTP server on this machine alone, whose answers can be late, slow, cut short or not come at all."""

import socket
import struct
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from types import TracebackType
from typing import Any, Self, cast

from agentreplay.intake.providers.wire import parse
from agentreplay.model.values import Value

__all__ = ["Loopback", "Request", "Responder", "Response"]

_MOST_BODY = 1 << 30
_PATIENCE = 5.0
# Closing sends a reset in place of an orderly end.
_NO_LINGER = struct.pack("ii", 1, 0)


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the server was asked."""

    method: str
    path: str
    """With its query."""
    headers: Mapping[str, str]
    """By their names in lower case."""
    content: bytes

    @property
    def body(self) -> Value:
        """The content as a value; None when it is not JSON."""
        return parse(self.content)


@dataclass(frozen=True, kw_only=True)
class Response:
    """What the server answers, and how."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    chunks: tuple[bytes, ...]
    streams: bool = False
    """Whether each chunk leaves on its own, in chunked encoding."""
    after: float = 0.0
    """The seconds until the answer begins."""
    pause: float = 0.0
    """The seconds between two chunks."""
    cut: int | None = None
    """The number of chunks after which the connection breaks; 0 resets it in place of an answer."""


Responder = Callable[[Request], Response]


class Loopback:
    """Answers requests in threads of its own, from `with` until its end or until `stop`."""

    def __init__(self, responder: Responder, *, port: int = 0) -> None:
        self._requests: list[Request] = []
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.responder = self._listening_to(responder)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where the server is, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def requests(self) -> list[Request]:
        """What was asked until now, in the order in which it came."""
        return self._requests.copy()

    def stop(self) -> None:
        """Break all connections and end. Answers that wait are not given any more."""
        if not self._server.stopping.is_set():
            self._server.stopping.set()
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._server.hang_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _listening_to(self, responder: Responder) -> Responder:
        def listen(request: Request) -> Response:
            self._requests.append(request)
            return responder(request)

        return listen


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # A crowd of agents connects at once.
    request_queue_size = 1024
    responder: Responder

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._changed:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._changed:
            self._connections.discard(request)
            self._changed.notify_all()

    def hang_up(self) -> None:
        """Wake up the threads that wait for a request that will not come, and see them off."""
        with self._changed:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._changed.wait_for(lambda: not self._connections, _PATIENCE)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Whoever hangs up in the middle of an answer has a reason, and often is what a test is about.
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # What belongs together leaves together: everything is flushed where it should leave.
    wbufsize = -1

    def __init__(self, request: Any, client_address: Any, server: BaseServer) -> None:
        self._loopback = cast("_Server", server)
        super().__init__(request, client_address, server)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class calls it so
        pass

    def __getattr__(self, name: str) -> Any:
        # The base class looks for a method per verb; all verbs are answered alike.
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        content = self._content(headers)
        response = self._loopback.responder(
            Request(method=self.command, path=self.path, headers=headers, content=content)
        )
        self._wait(response.after)
        if self._loopback.stopping.is_set():
            self.close_connection = True
        elif response.cut == 0:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self.connection.close()
            self.close_connection = True
        else:
            self._send(response)

    def _content(self, headers: Mapping[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(min(int(headers.get("content-length") or 0), _MOST_BODY))
        parts: list[bytes] = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            parts.append(self.rfile.read(min(size, _MOST_BODY)))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers
        return b"".join(parts)

    def _send(self, response: Response) -> None:
        whole = b"".join(response.chunks)
        framing = "transfer-encoding: chunked" if response.streams else f"content-length: {len(whole)}"
        lines = [f"HTTP/1.1 {response.status} {responses.get(response.status, '')}", framing]
        lines += [f"{name}: {value}" for name, value in response.headers.items()]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        if response.streams:
            self._stream(response)
        elif response.cut is not None:
            self.wfile.write(whole[: len(whole) // 2])
        else:
            self.wfile.write(whole)
        self.wfile.flush()
        self.close_connection = self.close_connection or response.cut is not None

    def _stream(self, response: Response) -> None:
        for place, chunk in enumerate(response.chunks[: response.cut]):
            if place:
                self._wait(response.pause)
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            self.wfile.flush()
        if response.cut is None:
            self.wfile.write(b"0\r\n\r\n")

    def _wait(self, seconds: float) -> None:
        if seconds:
            self._loopback.stopping.wait(seconds)
