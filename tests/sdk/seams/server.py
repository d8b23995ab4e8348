"""A small server on the loopback, with everything that can happen to an answer of HTTP."""

import gzip
import json
import socket
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

EVENTS = [b'data: {"n": 1}\n\n', b'data: {"n": 2}\n\n', b'data: {"n": 3}\n\n', b"data: [DONE]\n\n"]
ZIPPED = [b"first " * 100, b"second " * 100, b"third"]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[tuple[str, str, bytes]]] = []

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        self.seen.append((self.command, self.path, body))
        getattr(self, f"_{self.path.partition('?')[0].strip('/')}")(body)

    do_POST = do_GET  # noqa: N815  # so the library wants them named
    do_HEAD = do_GET  # noqa: N815  # as above

    def _whole(self, body: bytes) -> None:
        self._send(200, json.dumps({"got": body.decode(), "path": self.path}).encode(), "application/json")

    def _empty(self, _: bytes) -> None:
        self.send_response(204)
        self.end_headers()

    def _busy(self, _: bytes) -> None:
        self._send(429, b'{"error": "slow down"}', "application/json", ("Retry-After", "0"))

    def _redirect(self, _: bytes) -> None:
        self._send(302, b"over there", "text/plain", ("Location", "/whole"), ("Set-Cookie", "a=b"))

    def _gzip(self, _: bytes) -> None:
        self._send(200, gzip.compress(b'{"zipped": true}' * 50), "application/json", ("Content-Encoding", "gzip"))

    def _strange(self, _: bytes) -> None:
        self._send(200, b"\x00\x01\x02", "text/plain", ("Content-Encoding", "of-our-own"))

    def _stream(self, _: bytes) -> None:
        self._chunks(EVENTS)

    def _zipped(self, _: bytes) -> None:
        machine = zlib.compressobj(wbits=31)
        pieces = [machine.compress(piece) + machine.flush(zlib.Z_SYNC_FLUSH) for piece in ZIPPED]
        self._chunks([*pieces, machine.flush()], ("Content-Encoding", "gzip"))

    def _abort(self, _: bytes) -> None:
        self._chunks(EVENTS[:2], end=False)
        self._reset()

    def _short(self, _: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"not as much")
        self.close_connection = True

    def _reset(self, _: bytes = b"") -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _slow(self, _: bytes) -> None:
        time.sleep(1.5)
        self._whole(b"")

    def _stalling(self, _: bytes) -> None:
        self._chunks(EVENTS[:2], end=False)
        time.sleep(1.5)

    def _send(self, status: int, body: bytes, media: str, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _chunks(self, pieces: list[bytes], *headers: tuple[str, str], end: bool = True) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        for piece in pieces:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            self.wfile.flush()
            time.sleep(0.05)
        if end:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[str]:
    """The address of a server that runs in here."""
    server = _Server(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def requests_seen() -> list[tuple[str, str, bytes]]:
    """What was asked of any of these servers, in order."""
    return _Handler.seen
