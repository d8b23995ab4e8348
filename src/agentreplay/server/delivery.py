"""How answers travel: with a tag, so that who has them already gets none, and compressed where they are long.

Both are done beside the event loop when an answer is long, and not at all to one that comes in pieces.
"""

import asyncio
import sys
import zlib

from blake3 import blake3

from agentreplay.server.asgi import App, Message, Receive, Scope, Send, headers_of

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["Delivery"]

_LONG = 4 << 10
"""What is shorter is not worth compressing."""
_VERY_LONG = 64 << 10
"""What is longer is compressed in a thread."""
_GZIP = 16 + zlib.MAX_WBITS
_FAST = 1
_OK, _UNCHANGED = 200, 304


class Delivery:
    """Sends the answers of another application; an ASGI application around it."""

    def __init__(self, inner: App) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and see to the answer if it is JSON and is given at once."""
        if scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}:
            await self._inner(scope, receive, _Parcel(scope, send))
        else:
            await self._inner(scope, receive, send)


class _Parcel:
    """Holds the head of an answer back until its body is there."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._told = headers_of(scope)
        self._send = send
        self._head: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_ours(message):
            self._head = message
            return
        head, self._head = self._head, None
        if head is not None and not message.get("more_body", False):
            await self._deliver(head, message)
            return
        if head is not None:
            await self._send(head)
        await self._send(message)

    async def _deliver(self, head: Message, message: Message) -> None:
        body: bytes = message.get("body", b"")
        coding = _coding(self._told.get("accept-encoding", "")) if len(body) >= _LONG else ""
        if len(body) >= _VERY_LONG:
            tag, packed = await asyncio.to_thread(_packed, body, coding)
        else:
            tag, packed = _packed(body, coding)
        lines = [(name, value) for name, value in head["headers"] if name.lower() != b"content-length"]
        lines += [(b"etag", tag), (b"cache-control", b"private, no-cache"), (b"vary", b"accept-encoding")]
        if tag.decode() in {one.strip() for one in self._told.get("if-none-match", "").split(",")}:
            await self._send({**head, "status": _UNCHANGED, "headers": lines})
            await self._send({**message, "body": b""})
            return
        if coding:
            lines.append((b"content-encoding", coding.encode()))
        lines.append((b"content-length", str(len(packed)).encode()))
        await self._send({**head, "headers": lines})
        await self._send({**message, "body": packed})


def _is_ours(head: Message) -> bool:
    """Whether it is a success in JSON, of which nobody has said how it is to be kept."""
    headers = {name.lower(): value for name, value in head["headers"]}
    is_json = b"json" in headers.get(b"content-type", b"")
    return head["status"] == _OK and is_json and b"etag" not in headers


def _coding(accepted: str) -> str:
    """The best coding that is accepted; empty for none."""
    told = {
        part.partition(";")[0].strip().lower() for part in accepted.split(",") if "q=0" not in part.replace(" ", "")
    }
    return next((coding for coding in ("zstd", "gzip") if coding in told), "")


def _packed(body: bytes, coding: str) -> tuple[bytes, bytes]:
    """The tag of a body, and the body in a coding."""
    tag = f'W/"{blake3(body).hexdigest(16)}"'.encode()
    if coding == "zstd":
        return tag, zstd.compress(body, _FAST)
    if coding == "gzip":
        packer = zlib.compressobj(_FAST, zlib.DEFLATED, _GZIP)
        return tag, packer.compress(body) + packer.flush()
    return tag, body
