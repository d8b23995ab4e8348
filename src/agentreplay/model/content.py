"""Immutable bytes, stored once under their BLAKE3 hash."""

import re

import msgspec
from blake3 import blake3

from agentreplay.model.ids import ContentHash, check_content_hash
from agentreplay.model.values import spelled_out

__all__ = ["JSON", "OCTETS", "TEXT", "Content", "Kept"]

TEXT = "text/plain"
JSON = "application/json"
OCTETS = "application/octet-stream"

_USUAL_HASH = re.compile("[0-9a-f]{64}").fullmatch


class Content(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Bytes with their hash. Build it with `Content.of`, which computes the hash."""

    hash: ContentHash
    data: bytes
    media: str = JSON

    def __post_init__(self) -> None:
        if not self.media.isascii():
            msgspec.structs.force_setattr(self, "media", spelled_out(self.media))

    @classmethod
    def of(cls, data: bytes, media: str = JSON) -> "Content":
        """Hash the bytes; `media` is their media type and no part of the hash."""
        # Not hexdigest(), which takes half as long again for a short text.
        return cls(hash=ContentHash(blake3(data).digest().hex()), data=data, media=media)

    @property
    def is_whole(self) -> bool:
        """Whether the bytes have the hash they claim."""
        return blake3(self.data).hexdigest() == self.hash


class Kept(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A content a span holds, and what it is to the span: `request`, `answer`, `error`, `stdout` …"""

    role: str
    hash: ContentHash

    def __post_init__(self) -> None:
        if _USUAL_HASH(self.hash) is None:
            msgspec.structs.force_setattr(self, "hash", check_content_hash(self.hash))
