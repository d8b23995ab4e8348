"""Content codings of HTTP undone piece by piece, so that what was recorded can be read."""

import sys
import zlib
from collections.abc import Callable
from typing import Any, Protocol, cast

__all__ = ["Decoder", "Undecodable", "decoder"]


class Undecodable(Exception):
    """These bytes are not in the coding they are said to be in."""


class _Step(Protocol):
    def __call__(self, data: bytes, /) -> bytes: ...


class Decoder:
    """Undoes the codings of one body."""

    def __init__(self, steps: list[_Step]) -> None:
        self._steps = steps

    def decode(self, data: bytes) -> bytes:
        """What a piece of the body means; nothing, when it takes more to tell. Raises Undecodable."""
        try:
            for step in self._steps:
                data = step(data)
        except Exception as error:
            raise Undecodable from error
        return data


def decoder(codings: str) -> Decoder | None:
    """What undoes the codings a header names; None when one of them is unknown or its library is not there."""
    steps: list[_Step] = []
    for name in reversed([coding.strip().lower() for coding in codings.split(",")]):
        if name in {"", "identity"}:
            continue
        make = _MAKERS.get(name)
        step = make() if make is not None else None
        if step is None:
            return None
        steps.append(step)
    return Decoder(steps)


def _gzip() -> _Step:
    return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress


def _deflate() -> _Step:
    return _Deflate().decompress


class _Deflate:
    """Some servers send the bare data, without the frame the name promises."""

    def __init__(self) -> None:
        self._machine = zlib.decompressobj()
        self._begin = b""

    def decompress(self, data: bytes, /) -> bytes:
        if len(self._begin) >= _FRAME:
            return self._machine.decompress(data)
        self._begin += data
        try:
            return self._machine.decompress(data)
        except zlib.error:
            self._machine = zlib.decompressobj(-zlib.MAX_WBITS)
            return self._machine.decompress(self._begin)


_FRAME = 2
"""How many bytes tell whether there is a frame."""


def _brotli() -> _Step | None:
    # A program gets brotli from a library it has, which is loaded when the first answer comes.
    library: Any = sys.modules.get("brotli") or sys.modules.get("brotlicffi")
    if library is None:
        return None
    machine = library.Decompressor()
    return cast("_Step", getattr(machine, "decompress", None) or machine.process)


def _zstd() -> _Step | None:
    for name in ("compression.zstd", "backports.zstd"):
        library: Any = sys.modules.get(name)
        if library is not None:
            return cast("_Step", library.ZstdDecompressor().decompress)
    library = sys.modules.get("zstandard")
    return None if library is None else cast("_Step", library.ZstdDecompressor().decompressobj().decompress)


_MAKERS: dict[str, Callable[[], _Step | None]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
