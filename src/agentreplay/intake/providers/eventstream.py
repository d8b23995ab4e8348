"""Events in binary frames with checksums, as Amazon Bedrock streams what models answer.

A frame is: its length, the length of its headers, a CRC-32 of these two (four bytes each, big-endian), the headers,
the payload, and a CRC-32 of all before it. In the words of whoever made the model, the payload is JSON that holds the
event in base64, as `bytes`; in Bedrock's own it is the event, and a header names its kind.
"""

import binascii
import struct
import zlib
from collections.abc import Iterator, Sequence
from itertools import accumulate

from agentreplay.intake.providers.wire import mapping, parse, text, to_json

__all__ = ["MEDIA", "frame", "frame_of_kind", "looks_framed", "read", "read_kinds"]

MEDIA = "application/vnd.amazon.eventstream"

_PRELUDE = struct.Struct(">III")
_CHECKSUM = struct.Struct(">I")
_LEAST = _PRELUDE.size + _CHECKSUM.size
_TEXT = 7
_TEXT_HEADER = struct.Struct(">BH")
_KINDS = b":event-type", b":exception-type"


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
    for number, _, payload in _frames(chunks):
        yield number, _event(payload)


def read_kinds(chunks: Sequence[bytes]) -> Iterator[tuple[int, str, bytes]]:
    """As `read`, where the payload is the event: with its kind, or that of the exception it reports."""
    for number, headers, payload in _frames(chunks):
        yield number, _kind(headers), payload


def frame(event: bytes) -> bytes:
    """One event as a frame."""
    return frame_of_kind("chunk", to_json({"bytes": binascii.b2a_base64(event, newline=False).decode()}))


def frame_of_kind(kind: str, payload: bytes) -> bytes:
    """An event of this kind as a frame."""
    named = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    headers = b"".join(_header(name, value) for name, value in named.items())
    prelude = struct.pack(">II", _LEAST + len(headers) + len(payload), len(headers))
    message = prelude + _CHECKSUM.pack(zlib.crc32(prelude)) + headers + payload
    return message + _CHECKSUM.pack(zlib.crc32(message))


def _frames(chunks: Sequence[bytes]) -> Iterator[tuple[int, bytes, bytes]]:
    """The headers and the payload of each frame, as `read` says."""
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
        body = start + _PRELUDE.size
        yield number, data[body : body + headers], data[body + headers : body_end]
        start = end


def _kind(headers: bytes) -> str:
    """The kind that headers name; none where they are not all texts, as those of events are."""
    place = 0
    while place < len(headers):
        value = place + 1 + headers[place] + 3
        name, following = headers[place + 1 : value - 3], headers[value - 3 : value]
        if len(following) < _TEXT_HEADER.size or following[0] != _TEXT:
            return ""
        place = value + _TEXT_HEADER.unpack(following)[1]
        if name in _KINDS:
            return headers[value:place].decode("utf-8", "replace")
    return ""


def _header(name: str, value: str) -> bytes:
    return bytes([len(name)]) + name.encode() + _TEXT_HEADER.pack(_TEXT, len(value)) + value.encode()


def _event(payload: bytes) -> bytes:
    encoded = text(mapping(parse(payload)).get("bytes"))
    try:
        return binascii.a2b_base64(encoded) or payload
    except ValueError:
        return payload
