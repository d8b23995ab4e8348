"""The codings a request may come in, undone with a limit: what is small on the wire may be huge when it is undone."""

import sys
import zlib
from collections.abc import Callable
from typing import Protocol

from agentreplay.errors import BodyTooLarge, CodingUnknown, RequestMalformed

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["CODINGS", "IDENTITY", "undo"]

IDENTITY = "identity"
_RAW_DEFLATE = -15
_GZIP = 31
_LARGEST_WINDOW = 23
"""Of a zstd frame, as a power of two: what RFC 9659 lets a sender use."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def undo(coding: str, data: bytes, limit: int) -> bytes:
    """The data as it was before it was coded. Raises BodyTooLarge, CodingUnknown or RequestMalformed."""
    if coding == IDENTITY:
        plain = data
    elif coding in _MAKERS:
        plain = _undo_frames(_MAKERS[coding], coding, data, limit)
    else:
        raise CodingUnknown(what="content-encoding", found=coding, known=", ".join(CODINGS))
    if len(plain) > limit:
        raise BodyTooLarge(limit=limit)
    return plain


def _undo_frames(make: Callable[[bytes], _Decompressor], coding: str, data: bytes, limit: int) -> bytes:
    """One frame or several, one behind the other, as gzip and zstd allow."""
    parts: list[bytes] = []
    room = limit + 1
    try:
        while data and room > 0:
            decompressor = make(data)
            part = decompressor.decompress(data, room)
            room -= len(part)
            parts.append(part)
            if not decompressor.eof and room > 0:
                raise RequestMalformed(problem=f"its {coding} data is cut short")
            data = decompressor.unused_data
    except (zlib.error, zstd.ZstdError) as error:
        raise RequestMalformed(problem=f"it is not {coding} ({error})") from error
    return b"".join(parts)


def _make_gzip(_: bytes) -> _Decompressor:
    return zlib.decompressobj(_GZIP)


def _make_deflate(data: bytes) -> _Decompressor:
    # The standard means zlib's format, and some senders leave out its head.
    has_head = len(data) > 1 and data[0] & 0x0F == zlib.DEFLATED and (data[0] << 8 | data[1]) % 31 == 0
    return zlib.decompressobj(zlib.MAX_WBITS if has_head else _RAW_DEFLATE)


def _make_zstd(_: bytes) -> _Decompressor:
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _LARGEST_WINDOW})


_MAKERS: dict[str, Callable[[bytes], _Decompressor]] = {
    "gzip": _make_gzip,
    "deflate": _make_deflate,
    "zstd": _make_zstd,
}
CODINGS = (*_MAKERS, IDENTITY)
