"""How contents and bodies are compressed: zstd, with a dictionary that ships with the package.

A dictionary trained on a user's own contents would keep pieces of them after they are deleted. Ours is
made of text written for it and never changes; its number is the codec's number.
"""

import sys
from functools import cache
from importlib import resources
from threading import local

from agentreplay.errors import ValueInvalid

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["DICTIONARY", "RAW", "ZSTD", "compress", "decompress"]

RAW = 0
"""As it came."""
ZSTD = 1
"""One zstd frame."""
DICTIONARY = 2
"""One zstd frame made with the first dictionary."""

_HURRIED, _THOROUGH = 1, 6
"""Levels of zstd. On messages of agents the higher one saves a ninth, and takes five times as long."""
_SMALLEST = 48
_DICTIONARY_PAYS_BELOW = 512
"""When in a hurry: at the lower level the dictionary helps small contents only."""
_DICTIONARY_REACHES = 32_768


def compress(data: bytes, *, thorough: bool = False) -> tuple[int, bytes]:
    """The codec, and the bytes made short; `thorough` takes time to make them shorter."""
    size = len(data)
    if size < _SMALLEST:
        return RAW, data
    compressors = _compressors()
    if thorough and size <= _DICTIONARY_REACHES:
        codec, compressor = DICTIONARY, compressors.thorough
    elif size < _DICTIONARY_PAYS_BELOW:
        codec, compressor = DICTIONARY, compressors.with_dictionary
    else:
        codec, compressor = ZSTD, compressors.plain
    packed = compressor.compress(data, zstd.ZstdCompressor.FLUSH_FRAME)
    return (codec, packed) if len(packed) < size else (RAW, data)


def decompress(codec: int, data: bytes) -> bytes:
    """What `compress` was given; raises ValueInvalid when the bytes are damaged."""
    try:
        if codec == RAW:
            return data
        if codec == ZSTD:
            return _inflate(data, None)
        if codec == DICTIONARY:
            return _inflate(data, _dictionary())
    except zstd.ZstdError as error:
        raise ValueInvalid(what="a compressed content", problem=str(error)) from error
    raise ValueInvalid(what="a compressed content", problem=f"codec {codec} is unknown")


def _inflate(data: bytes, dictionary: zstd.ZstdDict | None) -> bytes:
    """One frame; the module's own function does the same behind a loop that costs as much again."""
    decompressor = zstd.ZstdDecompressor(zstd_dict=dictionary)
    whole = decompressor.decompress(data)
    if not decompressor.eof or decompressor.unused_data:
        raise ValueInvalid(what="a compressed content", problem="it is cut short, or something follows it")
    return whole


@cache
def _dictionary() -> zstd.ZstdDict:
    return zstd.ZstdDict(resources.files("agentreplay.contents").joinpath("dictionary-1.zstd-dictionary").read_bytes())


class _Compressors(local):
    """Each thread has its own: they are not safe to share, and costly to make for each content."""

    def __init__(self) -> None:
        self.plain = zstd.ZstdCompressor(level=_HURRIED)
        self.with_dictionary = zstd.ZstdCompressor(level=_HURRIED, zstd_dict=_dictionary().as_digested_dict)
        self.thorough = zstd.ZstdCompressor(level=_THOROUGH, zstd_dict=_dictionary().as_digested_dict)


@cache
def _compressors() -> _Compressors:
    return _Compressors()
