"""A picture and a sound for models that speak from a script: always the same, and as large as small real ones."""

import math
import struct
import zlib
from functools import cache

__all__ = ["picture", "sound"]

_SIDE = 32
_MODULUS, _FACTOR = (1 << 31) - 1, 48_271
_RATE, _SAMPLES, _PITCH, _LOUDNESS = 8_000, 1_600, 440, 12_000


@cache
def picture() -> bytes:
    """A PNG of 32 by 32 dots in colours that look random."""
    state, rows = 1, bytearray()
    for _ in range(_SIDE):
        rows.append(0)
        for _ in range(_SIDE * 3):
            state = state * _FACTOR % _MODULUS
            rows.append(state & 0xFF)
    head = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


@cache
def sound() -> bytes:
    """A WAV of a fifth of a second of one tone."""
    waves = [round(_LOUDNESS * math.sin(2 * math.pi * _PITCH * place / _RATE)) for place in range(_SAMPLES)]
    data = struct.pack(f"<{_SAMPLES}h", *waves)
    head = struct.pack("<4sIHHIIHH4sI", b"fmt ", 16, 1, 1, _RATE, _RATE * 2, 2, 16, b"data", len(data))
    return b"RIFF" + struct.pack("<I", 4 + len(head) + len(data)) + b"WAVE" + head + data


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
