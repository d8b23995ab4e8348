"""How operations and pictures of states lie in the tables of facts."""

from collections.abc import Iterable, Sequence
from typing import Any

from agentreplay.contents.compression import RAW, compress, decompress
from agentreplay.model.fact import Author, Fact, FactPosition, Operation, Transaction, TransactionId
from agentreplay.model.ids import SessionId, SpanId, TraceId
from agentreplay.model.values import decode, decoder, encode

__all__ = [
    "all_operations_of",
    "author_of",
    "operations_of",
    "pack",
    "pack_numbers",
    "pack_operation",
    "pack_picture",
    "plain",
    "to_transaction",
    "unpack_numbers",
    "unpack_picture",
]

_COMPRESSED_FROM = 512
"""Below that, what is saved is not worth what every reading would pay."""
_FEW = 16
_MORE = 1 << 16

_decode_parts = decoder(list[tuple[Operation, ...]])
_decode_facts = decoder(list[Fact])


def pack_operation(done: Operation) -> bytes:
    """One operation, without the end that most have alike."""
    parts = (done.key, done.version, None, True) if done.is_deleted else (done.key, done.version, done.value)
    return encode(parts)


def pack(packed: Sequence[bytes]) -> tuple[int, bytes]:
    """A list of operations that are packed already: the codec, and the bytes."""
    data = _listed(packed)
    return (RAW, data) if len(data) < _COMPRESSED_FROM else compress(data)


def plain(codec: int, data: bytes) -> bytes:
    """The bytes before they were compressed."""
    return data if codec == RAW else decompress(codec, data)


operations_of = decoder(tuple[Operation, ...])
"""The operations of one part of the log, from its plain bytes."""


def all_operations_of(parts: Sequence[bytes]) -> list[tuple[Operation, ...]]:
    """Those of many parts."""
    return _decode_parts(_listed(parts))


def pack_picture(facts: Iterable[Fact]) -> tuple[int, int, bytes]:
    """A whole state: its size, the codec, and the bytes."""
    data = encode(list(facts))
    return (len(data), *compress(data))


def unpack_picture(codec: int, data: bytes) -> list[Fact]:
    """The facts of a picture, as they were packed."""
    return _decode_facts(decompress(codec, data))


def pack_numbers(numbers: Iterable[int]) -> bytes:
    """A list of numbers of states or positions."""
    return encode(sorted(numbers))


def unpack_numbers(data: bytes) -> list[int]:
    """The numbers, in order."""
    return decode(data, list[int])


def author_of(session: str | None, trace: bytes | None, span: bytes | None) -> Author | None:
    """Who made a transaction, from the columns that say it."""
    if session is None:
        return None
    return Author(
        session=SessionId(session),
        trace_id=None if trace is None else TraceId(trace.hex()),
        span_id=None if span is None else SpanId(span.hex()),
    )


def to_transaction(position: FactPosition, operations: tuple[Operation, ...], columns: Sequence[Any]) -> Transaction:
    """A transaction from its operations and the columns id, time, session, trace and span."""
    key, committed, *author = columns
    return Transaction(TransactionId(key), position, committed, operations, author_of(*author))


def _listed(packed: Sequence[bytes]) -> bytes:
    count = len(packed)
    if count < _FEW:
        head = bytes((0x90 | count,))
    elif count < _MORE:
        head = b"\xdc" + count.to_bytes(2, "big")
    else:
        head = b"\xdd" + count.to_bytes(4, "big")
    return head + b"".join(packed)
