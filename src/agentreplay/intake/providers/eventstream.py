"""Events in binary frames with checksums, as Amazon Bedrock streams the answers of others' models.

A frame is: its length, the length of its headers, a CRC-32 of these two (four bytes each, big-endian), the headers,
the payload, and a CRC-32 of all before it. The payload is JSON that holds the event in base64, as `bytes`.
"""

import binascii
import struct
import zlib
from collections.abc import Iterator, Sequence
from itertools import accumulate

from agentreplay.intake.providers.wire import mapping, parse, text, to_json

__all__ = ["MEDIA", "frame", "looks_framed", "read"]

MEDIA = "application/vnd.amazon.eventstream"

_PRELUDE = struct.Struct(">III")
_CHECKSUM = struct.Struct(">I")
_LEAST = _PRELUDE.size + _CHECKSUM.size
_TEXT = 7
_HEADERS = {":event-type": "chunk", ":content-type": "application/json", ":message-type": "event"}


def looks_framed(data: bytes) -> bool:
    """Whether this begins with a frame: no text does, because its first two words agree with their checksum."""
    if len(data) < _PRELUDE.size:
        return False
    checksum: int = _PRELUDE.unpack_from(data)[2]
    return checksum == zlib.crc32(data[:8])


def read(chunks: Sequence[bytes]) -> Iterator[tuple[int, bytes]]:
    """Each event with the number of the chunk that completed it, in order, up to the first that is broken or cut.

    A frame that holds no event, as those that report an exception do, is read as its payload.
    """
    data = b"".join(chunks)
    ends = list(accumulate(map(len, chunks)))
    number = start = 0
    while looks_framed(data[start : start + _PRELUDE.size]):
        length, headers, _ = _PRELUDE.unpack_from(data, start)
        end = start + length
        if length < _LEAST + headers or end > len(data):
            return
        body_end = end - _CHECKSUM.size
        if _CHECKSUM.unpack_from(data, body_end)[0] != zlib.crc32(data[start:body_end]):
            return
        while ends[number] < end:
            number += 1
        yield number, _event(data[start + _PRELUDE.size + headers : body_end])
        start = end


def frame(event: bytes) -> bytes:
    """One event as a frame."""
    headers = b"".join(_header(name, value) for name, value in _HEADERS.items())
    payload = to_json({"bytes": binascii.b2a_base64(event, newline=False).decode()})
    prelude = struct.pack(">II", _LEAST + len(headers) + len(payload), len(headers))
    message = prelude + _CHECKSUM.pack(zlib.crc32(prelude)) + headers + payload
    return message + _CHECKSUM.pack(zlib.crc32(message))


def _header(name: str, value: str) -> bytes:
    return bytes([len(name)]) + name.encode() + struct.pack(">BH", _TEXT, len(value)) + value.encode()


def _event(payload: bytes) -> bytes:
    encoded = text(mapping(parse(payload)).get("bytes"))
    try:
        return binascii.a2b_base64(encoded) or payload
    except ValueError:
        return payload
