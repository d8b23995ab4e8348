"""Ids as types, and how new ones are made without asking anybody."""

from typing import NewType

from agentreplay.errors import ValueInvalid
from agentreplay.model.time import Nanoseconds

__all__ = [
    "USUAL_NAMES",
    "ContentHash",
    "ContextId",
    "Position",
    "ProjectId",
    "SessionId",
    "SpanId",
    "TenantId",
    "TraceId",
    "check_content_hash",
    "check_context_id",
    "check_name",
    "check_span_id",
    "check_trace_id",
    "content_hash_bytes",
    "context_id_bytes",
    "new_session_id",
    "trace_id_bytes",
]

TenantId = NewType("TenantId", str)
ProjectId = NewType("ProjectId", str)
SessionId = NewType("SessionId", str)

TraceId = NewType("TraceId", str)
"""32 lower-case hexadecimal digits, as OpenTelemetry writes it."""

SpanId = NewType("SpanId", str)
"""16 lower-case hexadecimal digits, as OpenTelemetry writes it."""

ContentHash = NewType("ContentHash", str)
"""The BLAKE3 hash of a content: 64 lower-case hexadecimal digits."""

ContextId = NewType("ContextId", str)
"""32 lower-case hexadecimal digits, computed from the messages of the context."""

Position = NewType("Position", int)
"""A place in the store's one order of changes; grows with every change and is never used twice."""

USUAL_NAMES = 128
"""As long as a tenant, a project and a session id usually are together: letters and digits no longer than that need no
closer look, for none of them can be too long."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_BYTES = 10
_LONGEST_NAME = 512
_TRACE_DIGITS = 32
_SPAN_DIGITS = 16
_HASH_DIGITS = 64
_CONTEXT_DIGITS = 32


def new_session_id(now: Nanoseconds, randomness: bytes) -> SessionId:
    """Make an id that sorts by time: a ULID from the given time and ten random bytes."""
    if len(randomness) != _RANDOM_BYTES:
        raise ValueInvalid(what="the randomness of an id", problem=f"{len(randomness)} bytes instead of 10")
    number = ((now // 1_000_000) & ((1 << 48) - 1)) << 80 | int.from_bytes(randomness, "big")
    return SessionId("".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5)))


def check_trace_id(value: str) -> TraceId:
    """Return the id in its one spelling, or raise ValueInvalid."""
    return TraceId(trace_id_bytes(value).hex())


def check_span_id(value: str) -> SpanId:
    """Return the id in its one spelling, or raise ValueInvalid."""
    return SpanId(_bytes_of(value, _SPAN_DIGITS, "a span id").hex())


def check_content_hash(value: str) -> ContentHash:
    """Return the hash in its one spelling, or raise ValueInvalid."""
    return ContentHash(content_hash_bytes(value).hex())


def check_context_id(value: str) -> ContextId:
    """Return the id in its one spelling, or raise ValueInvalid."""
    return ContextId(context_id_bytes(value).hex())


def trace_id_bytes(value: str) -> bytes:
    """The bytes that the id spells; raises ValueInvalid when it is none."""
    return _bytes_of(value, _TRACE_DIGITS, "a trace id")


def content_hash_bytes(value: str) -> bytes:
    """The bytes that the hash spells; raises ValueInvalid when it is none."""
    return _bytes_of(value, _HASH_DIGITS, "the hash of a content")


def context_id_bytes(value: str) -> bytes:
    """The bytes that the id spells; raises ValueInvalid when it is none."""
    return _bytes_of(value, _CONTEXT_DIGITS, "the id of a context")


def check_name(value: str, what: str) -> None:
    """Raise ValueInvalid unless the text can name a tenant, a project or a session."""
    if not value or len(value) > _LONGEST_NAME or not value.isprintable():
        raise ValueInvalid(what=what, problem=f"{value[:60]!r} is empty, too long or not printable")


def _bytes_of(value: str, digits: int, what: str) -> bytes:
    try:
        data = bytes.fromhex(value)
    except ValueError:
        data = b""
    # Blanks between the digits are none of ours.
    if len(value) != digits or len(data) * 2 != digits:
        raise ValueInvalid(what=what, problem=f"{value[:60]!r} is not {digits} hexadecimal digits")
    return data
