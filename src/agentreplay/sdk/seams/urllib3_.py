"""urllib3, and with it requests and botocore: each attempt of a request is a call."""

import io
from collections.abc import Iterable
from http.client import HTTPConnection
from types import ModuleType
from typing import Any, cast

from agentreplay.model.call import Answer, Raised
from agentreplay.sdk import scope
from agentreplay.sdk.boundary import Boundary, Pending
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.raising import revivers
from agentreplay.sdk.seams import http, wire
from agentreplay.sdk.silence import is_silent, silence
from agentreplay.sdk.stream import stopwatch

__all__ = ["install"]

_TUNNEL = "_agentreplay_tunnel"


def install(patches: Patches, library: ModuleType) -> None:
    """Watch the one method every attempt goes through. `library` is `urllib3.connectionpool`."""
    pools: Any = library
    pool = pools.HTTPConnectionPool
    make_request = pool._make_request  # noqa: SLF001  # above it are retries and redirects, below it bytes

    def _make_request(self: Any, conn: Any, method: str, url: str, *arguments: Any, **named: Any) -> Any:
        boundary = scope.boundary()
        # Other kinds of connections, such as those of HTTP/2, are read in another way.
        if boundary is None or is_silent() or not isinstance(conn, HTTPConnection):
            _connect(self, conn)
            return make_request(self, conn, method, url, *arguments, **named)
        attempt = _Attempt(self, conn, method, url, arguments, named)
        attempt.perform = make_request
        return attempt.run(boundary)

    for holder in (pool, pools.HTTPSConnectionPool):
        _defer(patches, holder)
    patches.replace(pool, "_make_request", _make_request)
    revivers["urllib3"] = _revive


def _defer(patches: Patches, pool: Any) -> None:
    """A tunnel through a proxy is dug when it is known that the call will be performed."""
    prepare = cast("Any", vars(pool).get("_prepare_proxy"))
    if prepare is None:
        return

    def _prepare_proxy(self: Any, conn: Any) -> None:
        if scope.boundary() is None or is_silent():
            prepare(self, conn)
        else:
            setattr(conn, _TUNNEL, prepare)

    patches.replace(pool, "_prepare_proxy", _prepare_proxy)


def _connect(pool: Any, conn: Any) -> None:
    prepare = cast("Any", vars(conn).pop(_TUNNEL, None))
    if prepare is not None:
        prepare(pool, conn)


class _Attempt:
    """One attempt of a request."""

    perform: Any = None

    def __init__(self, pool: Any, conn: Any, method: str, url: str, arguments: tuple[Any, ...], named: Any) -> None:  # noqa: PLR0913, PLR0917  # as urllib3 has them
        self._pool = pool
        self._conn = conn
        self._method = method
        self._url = url
        self._arguments = arguments
        self._named = dict(named)

    def run(self, boundary: Boundary) -> Any:
        """Serve the answer, or perform the request and keep what comes."""
        body = self._body()
        pending = http.ask(boundary, self._method, self._address(), self._headers(), body)
        if isinstance(pending, Answer):
            return self._serve(wire.Served(lambda: pending, None, self._method))
        if pending is None:
            with http.performing(None):
                _connect(self._pool, self._conn)
                return self._call()
        pending.origin = (self._pool, self._conn, self._url)
        if http.to_serve(pending) is not None:
            answer = http.arrive(pending)
            return self._serve(wire.Served(lambda: answer, pending, self._method))
        if pending.is_patched and pending.request.body != body:
            self._send_instead(pending.request.body)
        return self._watch(pending)

    def _watch(self, pending: Pending) -> Any:
        started = stopwatch()
        try:
            with http.performing(pending), wire.tapped(self._conn, pending, started):
                _connect(self._pool, self._conn)
                return self._call()
        except BaseException as error:
            if not pending.is_finished:
                pending.fail(error)
            raise

    def _serve(self, sock: wire.Served) -> Any:
        conn = self._conn
        vars(conn).pop(_TUNNEL, None)
        with silence():
            # A connection that was left open by an earlier call is not used, but not lost either.
            conn.close()
            conn.sock = sock
            conn.is_verified = True
            headers = self._named.get("headers")
            if headers and any(name.lower() == "expect" for name in headers):
                self._named["headers"] = {name: headers[name] for name in headers if name.lower() != "expect"}
            try:
                return self._call()
            finally:
                conn.sock = None

    def _call(self) -> Any:
        return self.perform(self._pool, self._conn, self._method, self._url, *self._arguments, **self._named)

    def _address(self) -> str:
        if "://" in self._url:
            return self._url
        pool, port = self._pool, self._pool.port
        host = f"[{pool.host}]" if ":" in pool.host and not pool.host.startswith("[") else pool.host
        usual = {"http": 80, "https": 443}.get(pool.scheme)
        return f"{pool.scheme}://{host}{'' if port in {None, usual} else f':{port}'}{self._url}"

    def _headers(self) -> list[tuple[str, str]]:
        found: Any = self._named.get("headers") or self._pool.headers or {}
        return [(_text(name), _text(value)) for name, value in found.items()]

    def _body(self) -> bytes:
        """The body in one piece; what can be read only once is put back in a form that can be sent."""
        body: Any = self._named.get("body")
        if body is None:
            return b""
        if isinstance(body, str):
            return body.encode()
        if isinstance(body, bytes | bytearray | memoryview):
            return bytes(cast("bytes", body))
        data = _bytes(body.read()) if hasattr(body, "read") else b"".join(map(_bytes, cast("Iterable[Any]", body)))
        self._named["body"] = io.BytesIO(data) if hasattr(body, "read") else iter((data,))
        return data

    def _send_instead(self, body: bytes) -> None:
        headers: Any = self._named.get("headers") or self._pool.headers or {}
        kept: dict[Any, Any] = {
            name: headers[name] for name in headers if name.lower() not in {"content-length", "transfer-encoding"}
        }
        self._named |= {"body": body, "headers": {**kept, "Content-Length": str(len(body))}, "chunked": False}


def _bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else bytes(data)


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _revive(kind: type[BaseException], raised: Raised, origin: Any) -> BaseException | None:
    """Its exceptions want the pool or the connection they speak of, and put it into their message."""
    about: Any = getattr(origin, "origin", None)
    if not raised.module.startswith("urllib3.exceptions") or about is None:
        return None
    error: Any = kind.__new__(kind)
    error.args = raised.arguments
    for name, value in {**raised.state, "pool": about[0], "conn": about[1], "url": about[2]}.items():
        try:
            setattr(error, name, value)
        except AttributeError:
            continue
    return cast("BaseException", error)
