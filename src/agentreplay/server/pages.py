"""The web UI: the files it was built into, read once and sent from memory.

Only what lies in the folder of the package when it is first asked for is ever sent: a path is a key in a table, and
no path of a client reaches the file system. The names of what lies in `assets` change with their contents.
"""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import blake3

from agentreplay.server.asgi import Receive, Scope, Send, answer, headers_of

__all__ = ["FOLDER", "Pages"]

FOLDER = Path(__file__).parent.parent / "ui"
"""Where `make` builds the web UI to."""

_MEDIA = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_POLICY = (
    "default-src 'none'; script-src 'self'%s; style-src 'self' 'unsafe-inline'; font-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; worker-src 'self' blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_INLINE = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
_FOR_GOOD = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_NOT_BUILT = b"""<!doctype html><meta charset="utf-8"><title>agentreplay</title>
<p>The web UI is not built here: <code>make ui</code> in the checkout builds it. The API is at <code>/api/v1</code>.</p>
"""
_OTHERS = ("/api/", "/v1/", "/gateway/", "/healthz", "/readyz", "/metrics")
"""What is served by others; all the rest are places within the UI."""


class _File(NamedTuple):
    body: bytes
    packed: bytes | None
    """Compressed by gzip."""
    media: str
    tag: str
    lasts: str
    policy: str


class Pages:
    """Sends the files of the web UI; an ASGI application for the paths it knows."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder

    def knows(self, scope: Scope) -> bool:
        """Whether the request is for a page or one of its files."""
        path: str = scope["path"]
        return scope["type"] == "http" and scope["method"] in {"GET", "HEAD"} and not path.startswith(_OTHERS)

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the file; a path that names none is a place within the UI, which finds its way by itself."""
        files = _files(self._folder)
        path: str = scope["path"]
        file = files.get(path.removeprefix("/")) or files.get("index.html")
        if file is None:
            await answer(send, 503, _NOT_BUILT, _MEDIA[".html"], {"cache-control": _ASK_AGAIN})
            return
        if path.startswith("/assets/") and path.removeprefix("/") not in files:
            await answer(send, 404, b"", "text/plain")
            return
        asked = headers_of(scope)
        told = {
            "cache-control": file.lasts,
            "etag": file.tag,
            "content-security-policy": file.policy,
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "vary": "accept-encoding",
        }
        if asked.get("if-none-match") == file.tag:
            await answer(send, 304, b"", file.media, told)
            return
        body = file.body
        if file.packed is not None and "gzip" in asked.get("accept-encoding", ""):
            body = file.packed
            told["content-encoding"] = "gzip"
        await answer(send, 200, b"" if scope["method"] == "HEAD" else body, file.media, told)


@cache
def _files(folder: Path) -> dict[str, _File]:
    """By their paths in the folder; empty when nothing was built."""
    return {
        path.relative_to(folder).as_posix(): _read(path, _FOR_GOOD if path.parent.name == "assets" else _ASK_AGAIN)
        for path in sorted(folder.rglob("*"))
        if path.suffix in _MEDIA
    }


def _read(path: Path, lasts: str) -> _File:
    body = path.read_bytes()
    packed = path.with_name(f"{path.name}.gz")
    return _File(
        body=body,
        packed=packed.read_bytes() if packed.is_file() else None,
        media=_MEDIA[path.suffix],
        tag=f'"{blake3.blake3(body).hexdigest()[:32]}"',
        lasts=lasts,
        policy=_POLICY % (_allowed(body.decode()) if path.suffix == ".html" else ""),
    )


def _allowed(page: str) -> str:
    """The scripts that are written into a page, by their hashes: no other one runs."""
    hashes = (hashlib.sha256(script.encode()).digest() for script in _INLINE.findall(page))
    return "".join(f" 'sha256-{base64.b64encode(one).decode()}'" for one in hashes)
