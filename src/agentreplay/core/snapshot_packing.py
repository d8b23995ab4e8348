"""How the state in a snapshot is made small, piece by piece, and large again without being led into the woods.

A few bytes may claim to be many: what comes out is counted while it does, and no more is ever held than a piece.
"""

import sys
import zlib
from collections.abc import Iterable, Iterator
from typing import Protocol

from agentreplay.errors import ValueInvalid
from agentreplay.model.snapshot import Compression

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["PIECE", "Packed", "TooMuch", "pack", "unpack"]

PIECE = 256 * 1024
"""The size of pieces of a state, before and after compression."""

_LEVEL = 3
_GZIP = 31
"""The window of zlib that writes the header of gzip: without a name, and with no time in it."""
_WIDEST_WINDOW = 23
"""The logarithm of the memory that a frame of zstd may ask for: 8 MiB, four times what we ask for."""


class Packed(Exception):
    """The bytes are nothing that was packed."""


class TooMuch(Exception):
    """More came out than was allowed."""


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


class _Plain:
    def compress(self, data: bytes, /) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""


def pack(pieces: Iterable[bytes], how: Compression) -> Iterator[bytes]:
    """The pieces made small, in pieces of PIECE bytes and a last one; nothing for an empty state."""
    compressor = _compressor(how)
    waiting = bytearray()
    for piece in pieces:
        for start in range(0, len(piece), PIECE):
            waiting += compressor.compress(piece[start : start + PIECE])
            yield from _whole(waiting)
    waiting += compressor.flush()
    yield from _whole(waiting)
    if waiting:
        yield bytes(waiting)


def unpack(pieces: Iterable[bytes], how: Compression, limit: int) -> Iterator[bytes]:
    """The state again, in pieces of at most PIECE bytes. Raises Packed, and TooMuch beyond the limit."""
    left = limit
    try:
        for piece in _unpacked(pieces, how):
            left -= len(piece)
            if left < 0:
                raise TooMuch
            yield piece
    except (zstd.ZstdError, zlib.error, EOFError) as error:
        raise Packed(str(error)) from error


def _compressor(how: Compression) -> _Compressor:
    match how:
        case "zstd":
            return zstd.ZstdCompressor(level=_LEVEL)
        case "gzip":
            return zlib.compressobj(6, zlib.DEFLATED, _GZIP)
        case "none":
            return _Plain()
        case _:
            raise ValueInvalid(what=f"the compression {how!r}", problem="it is none of zstd, gzip and none")


def _whole(waiting: bytearray) -> Iterator[bytes]:
    while len(waiting) >= PIECE:
        yield bytes(waiting[:PIECE])
        del waiting[:PIECE]


def _unpacked(pieces: Iterable[bytes], how: Compression) -> Iterator[bytes]:
    match how:
        case "zstd":
            return _from_zstd(pieces)
        case "gzip":
            return _from_gzip(pieces)
        case "none":
            return iter(pieces)
        case _:
            raise Packed(f"the compression {how!r} is unknown")


def _from_zstd(pieces: Iterable[bytes]) -> Iterator[bytes]:
    parameter = zstd.DecompressionParameter.window_log_max
    decompressor = zstd.ZstdDecompressor(options={parameter: _WIDEST_WINDOW})
    for piece in pieces:
        waiting = piece
        while waiting or not (decompressor.needs_input or decompressor.eof):
            made = decompressor.decompress(waiting, PIECE)
            waiting = b""
            if made:
                yield made
    if not decompressor.eof or decompressor.unused_data:
        raise Packed("the compressed state is cut short, or something follows it")


def _from_gzip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    decompressor = zlib.decompressobj(_GZIP)
    for piece in pieces:
        waiting = piece
        while waiting and not decompressor.eof:
            made = decompressor.decompress(waiting, PIECE)
            waiting = decompressor.unconsumed_tail
            if made:
                yield made
        if decompressor.eof and (decompressor.unused_data or waiting):
            break
    else:
        # What zlib still holds back is less than a piece.
        while not decompressor.eof and (made := decompressor.decompress(b"", PIECE)):
            yield made
        if decompressor.eof and not decompressor.unused_data:
            return
    raise Packed("the compressed state is cut short, or something follows it")
