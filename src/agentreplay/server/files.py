"""Contents as answers: whole or a part of them, under a name, and never twice to who has them already."""

import re
from collections.abc import Mapping

from agentreplay.model.content import JSON, OCTETS, Content
from agentreplay.server.reply import Reply
from agentreplay.server.routing import Answers

__all__ = ["ANY", "PARTS", "served"]

ANY = "*/*"
"""The media type of routes that answer a content: it is that of the content."""
PARTS = {
    206: Answers("The part that `range` asks for.", ANY, bytes),
    416: Answers("No such part; `content-range` tells the size."),
}
"""How else files are answered."""

_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))", re.ASCII)
_FOREVER = "private, max-age=31536000, immutable"
_ASK_AGAIN = "private, no-cache"
_SAFE = frozenset({JSON, "text/plain", "image/png", "image/jpeg", "image/gif", "image/webp", "audio/mpeg", "audio/wav"})
_ENDINGS = {JSON: "json", "text/plain": "txt", "image/png": "png", "image/jpeg": "jpg", "application/pdf": "pdf"}


def served(
    content: Content, headers: Mapping[str, str], name: str | None = None, *, is_final: bool = True
) -> Reply[bytes]:
    """The content: 200 with all of it, 206 with the range that was asked for, 304, or 416.

    What is final never changes under its address. What a browser could run is never shown as a page of ours: it
    is sent to be saved.
    """
    etag = f'"{content.hash}"'
    media = content.media.partition(";")[0].strip().lower()
    place = "inline" if media in _SAFE else "attachment"
    is_plain_text = media.startswith("text/") and media == content.media
    kind = f"{media}; charset=utf-8" if is_plain_text else content.media or OCTETS
    told = {
        "etag": etag,
        "accept-ranges": "bytes",
        "cache-control": _FOREVER if is_final else _ASK_AGAIN,
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
        "content-disposition": f'{place}; filename="{_file_name(name or content.hash[:16], media)}"',
    }
    if _is_known(headers.get("if-none-match", ""), etag):
        return Reply(body=b"", status=304, media=kind, headers=told)
    size = len(content.data)
    wanted = _RANGE.fullmatch(headers.get("range", "").strip())
    if wanted is None or headers.get("if-range", etag) != etag:
        return Reply(body=content.data, media=kind, headers=told)
    first, last = _bounds(wanted, size)
    if first > last:
        return Reply(body=b"", status=416, media=OCTETS, headers={**told, "content-range": f"bytes */{size}"})
    told["content-range"] = f"bytes {first}-{last}/{size}"
    return Reply(body=content.data[first : last + 1], status=206, media=kind, headers=told)


def _is_known(told: str, etag: str) -> bool:
    return told.strip() == "*" or etag in {one.strip().removeprefix("W/") for one in told.split(",")}


def _bounds(wanted: re.Match[str], size: int) -> tuple[int, int]:
    """The first and the last byte; the first is behind the last where there are none."""
    first, last, final = wanted.groups()
    if final is not None:
        return (max(0, size - int(final)), size - 1) if int(final) else (1, 0)
    return int(first), min(size - 1, int(last) if last else size - 1)


def _file_name(name: str, media: str) -> str:
    plain = re.sub(r"[^\w.-]", "_", name, flags=re.ASCII)
    return plain if "." in plain else f"{plain}.{_ENDINGS.get(media, 'bin')}"
