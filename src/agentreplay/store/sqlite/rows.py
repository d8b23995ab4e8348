"""How values of the vocabulary lie in the columns of the store, and how they come out again."""

import struct
import zlib
from collections.abc import Container, Iterable, Mapping, Sequence
from struct import Struct
from typing import NamedTuple

import msgspec
from blake3 import blake3

from agentreplay.contents.compression import RAW, compress, decompress
from agentreplay.contents.echoes import NO_ECHO, Echo
from agentreplay.errors import ValueInvalid
from agentreplay.model.context import Marker
from agentreplay.model.ids import SpanId, TraceId
from agentreplay.model.span import STATUSES, Event, Link, Span, error_text
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import NO_USAGE, Usage
from agentreplay.model.values import Value, decoder, encode
from agentreplay.store.sqlite.told import ToldSpan

__all__ = [
    "ERROR_MEDIA",
    "LONGEST_WORD",
    "Body",
    "Echoed",
    "attribute_word",
    "body_of",
    "encoded_words",
    "hash_prefix",
    "nanoseconds",
    "pack",
    "pack_body",
    "pack_held",
    "pack_told_body",
    "pack_usage",
    "span_id_bytes",
    "span_id_of",
    "span_number",
    "status_number",
    "total_usage",
    "total_usages",
    "trace_id_of",
    "unpack",
    "unpack_bag",
    "unpack_body",
    "unpack_held",
    "unpack_shape",
    "unpack_usage",
]

ERROR_MEDIA = "text/x-error"
"""The media type of the texts of failures, which are no contents."""

_ERROR_KEY = b"agentreplay: text of an error   "
_STATUS_NUMBERS: dict[str, int] = {status: number for number, status in enumerate(STATUSES)}
_REMEMBERED = 50_000
_NO_COUNTS = [0] * len(Usage.__struct_fields__)
_LONG = 256
"""What is shorter is kept as it is: without the names of attributes there is little left to compress, and to make
ready for it takes as long as half of all the rest of reading a span."""
LONGEST_WORD = 512
"""A value that is longer, such as a conversation, is found by its length: each that is told but once would make the
index longer by a word of its own, which nobody ever asks for."""
_numbers = decoder(list[int])


class Echoed(NamedTuple):
    """An attribute that only says again what a content says."""

    place: int
    """Among the attributes."""
    size: int
    """How long its value was, encoded."""
    echo: Echo


class Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the row of a span does not hold."""

    status_message: str = ""
    values: list[Value] = []
    """Of the attributes; the row refers to their names, which repeat from span to span."""
    echoes: tuple[Echoed, ...] = ()
    """Those of which there is nothing among the values, because contents say the same."""
    events: tuple[Event, ...] = ()
    links: tuple[Link, ...] = ()
    roles: tuple[str, ...] = ()
    """Of the contents the row holds, in their order."""
    markers: tuple[Marker, ...] = ()
    trace_state: str = ""
    flags: int = 0
    dropped_attributes: int = 0
    dropped_events: int = 0
    dropped_links: int = 0
    erased: bool = False
    """Whether the payload was deleted."""

    @property
    def error(self) -> str:
        """What the span says of its failure."""
        return error_text(self.status_message, self.events)

    @property
    def error_digest(self) -> bytes | None:
        """Under what the text of the failure is kept, like a content, to be searchable; no content has it."""
        return blake3(self.error.encode("utf-8", "replace"), key=_ERROR_KEY).digest() if self.error else None

    def attributes(self, names: Iterable[str]) -> dict[str, Value]:
        """The attributes, given their names, but for those that say again what contents say."""
        told = dict(zip(names, self.values, strict=True))
        if self.echoes:
            for name in self.echoing(list(told)):
                del told[name]
        return told

    def echoing(self, names: Sequence[str]) -> list[str]:
        """The names of those."""
        return [names[echoed.place] for echoed in self.echoes]

    def words(self, names: Sequence[str]) -> str:
        """The words under which `attribute_text` finds the span, given the names of its attributes."""
        encoded = {name: encode(value) for name, value in zip(names, self.values, strict=True)}
        for place, size, _ in self.echoes:
            if self.erased:
                del encoded[names[place]]
            else:
                encoded[names[place]] = bytes(size)  # of what is so long only that counts
        return encoded_words(encoded)

    def without_payload(self, gone: Container[str] = (), names: Sequence[str] = ()) -> "Body":
        """The same, with no content, no context and no attribute that says the same, and saying so.

        Of which more attributes were taken, given their names, is known where the payload was deleted before.
        """
        silent = {echoed.place for echoed in self.echoes}
        more = [place for place, name in enumerate(names) if name in gone and place not in silent]
        return msgspec.structs.replace(
            self,
            values=[None if place in more else value for place, value in enumerate(self.values)],
            echoes=(*self.echoes, *[Echoed(place, 0, NO_ECHO) for place in more]),
            roles=(),
            markers=(),
            erased=True,
        )


_body = decoder(Body)
_shape = decoder(list[str])
_values = decoder(list[Value])


def body_of(span: Span | ToldSpan, values: list[Value], echoes: tuple[Echoed, ...] = ()) -> Body:
    """The body of a span, given the values of its attributes as they are to be encoded."""
    context = span.context
    roles = tuple([kept.role for kept in span.kept])
    if not (
        span.status_message or span.events or span.links or context or span.trace_state or span.flags
        or span.dropped_attributes or span.dropped_events or span.dropped_links
    ):  # fmt: skip
        return Body(values=values, echoes=echoes, roles=roles)
    return Body(
        status_message=span.status_message,
        values=values,
        echoes=echoes,
        events=span.events,
        links=span.links,
        roles=roles,
        markers=context.markers if context else (),
        trace_state=span.trace_state,
        flags=span.flags,
        dropped_attributes=span.dropped_attributes,
        dropped_events=span.dropped_events,
        dropped_links=span.dropped_links,
    )


def pack(data: bytes) -> bytes:
    """One byte that names the codec, and the data, compressed if there is much of it."""
    codec, packed = (RAW, data) if len(data) < _LONG else compress(data)
    return bytes((codec,)) + packed


def unpack(data: bytes) -> bytes:
    """What `pack` was given."""
    return decompress(data[0], data[1:])


def pack_body(body: Body) -> bytes:
    """The body, encoded and packed."""
    return pack(encode(body))


def pack_told_body(body: Body) -> bytes:
    """The same, where values are encoded already; raises ValueInvalid when one of them makes no sense."""
    encoded = encode(body)
    _body(encoded)
    return pack(encoded)


def unpack_body(data: bytes) -> Body:
    """The body that `pack_body` packed."""
    return _body(unpack(data))


def unpack_bag(names: Iterable[str], data: bytes) -> dict[str, Value]:
    """The map that describes a resource or a scope, given its names."""
    return dict(zip(names, _values(unpack(data)), strict=True))


def unpack_shape(data: bytes | None) -> list[str]:
    """The names of the attributes of spans of one shape."""
    return [] if data is None else _shape(unpack(data))


def pack_held(contents: Sequence[int]) -> bytes | None:
    """The numbers of contents for their column."""
    return encode(contents) if contents else None


def unpack_held(data: bytes | None) -> list[int]:
    """The numbers that `pack_held` packed."""
    return [] if data is None else _numbers(data)


def pack_usage(usage: Usage) -> bytes | None:
    """The buckets up to the last that is not empty, or None when all are."""
    if usage is NO_USAGE:
        return None
    counts = list(usage.counts)
    while counts and not counts[-1]:
        counts.pop()
    return encode(counts) if counts else None


def unpack_usage(data: bytes | None) -> Usage:
    """The usage that `pack_usage` packed."""
    if data is None:
        return NO_USAGE
    counts = _numbers(data)
    counts += _NO_COUNTS[len(counts) :]
    read, cached, short, long, written, reasoned, heard, said, seen, drawn = counts
    return Usage(
        input=read, cache_read=cached, cache_write_5m=short, cache_write_1h=long, output=written, reasoning=reasoned,
        audio_in=heard, audio_out=said, image_in=seen, image_out=drawn,
    )  # fmt: skip


def total_usage(data: bytes | None) -> int:
    """All tokens of the usage that `pack_usage` packed."""
    return 0 if data is None else sum(_numbers(data))


def total_usages(packed: Sequence[bytes]) -> list[int]:
    """The same of many, none of which is None."""
    return list(map(sum, map(_numbers, packed)))


def span_number(span_id: str) -> int:
    """A span id as a signed integer of 64 bits; raises ValueInvalid when it is none."""
    try:
        number: int = _SPAN_ID.unpack(bytes.fromhex(span_id))[0]
    except (struct.error, ValueError):
        raise ValueInvalid(what="a span id", problem=f"{span_id[:60]!r} is not 16 hexadecimal digits") from None
    return number


_SPAN_ID = Struct(">q")
_PREFIX = _SPAN_ID.unpack_from
span_id_bytes = _SPAN_ID.pack
"""The 8 bytes of the span id that `span_number` was given."""


def span_id_of(number: int) -> SpanId:
    """The span id that `span_number` was given."""
    return SpanId(span_id_bytes(number).hex())


def trace_id_of(key: bytes) -> TraceId:
    """The trace id with these bytes."""
    return TraceId(key.hex())


def hash_prefix(digest: bytes) -> int:
    """The first 8 bytes of a hash as a signed integer, which indexes better than the whole."""
    prefix: int = _PREFIX(digest)[0]
    return prefix


def status_number(status: str) -> int:
    """The place of a span's status in STATUSES."""
    return _STATUS_NUMBERS[status]


def encoded_words(attributes: Mapping[str, bytes]) -> str:
    """The words under which `attribute_text` finds a span: one for each attribute, whose values are encoded."""
    crc32, key_sums = zlib.crc32, _key_sums
    sums = [
        crc32(value if (size := len(value)) <= LONGEST_WORD else b"%d" % size, key_sums[key])
        for key, value in attributes.items()
    ]
    # In one piece: this runs for each attribute of each span.
    return struct.pack(f">{len(sums)}I", *sums).hex(" ", 4)


def attribute_word(key: str, value: Value) -> str:
    """One word for a key and a value; two may share it, so whoever finds a span by it looks again."""
    return encoded_words({key: encode(value)})


class _KeySums(dict[str, int]):
    """The checksums of keys, with which those of their values begin. Keys repeat."""

    def __missing__(self, key: str) -> int:
        if len(self) >= _REMEMBERED:
            self.clear()
        found = self[key] = zlib.crc32(key.encode("utf-8", "surrogatepass"))
        return found


_key_sums = _KeySums()


def nanoseconds(value: int | None) -> Nanoseconds | None:
    """A time from a column."""
    return None if value is None else Nanoseconds(value)
