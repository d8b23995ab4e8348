"""What OTLP answers in protobuf: how much was not kept, or google.rpc.Status, with RetryInfo where it helps to wait.

The messages are so small that they are written byte by byte: no library is loaded for them.
"""

__all__ = ["code_of", "partial_success", "status_message"]

_CODES = {
    400: 3,  # INVALID_ARGUMENT
    401: 16,  # UNAUTHENTICATED
    403: 7,  # PERMISSION_DENIED
    404: 5,  # NOT_FOUND
    405: 12,  # UNIMPLEMENTED
    408: 4,  # DEADLINE_EXCEEDED
    409: 10,  # ABORTED
    413: 11,  # OUT_OF_RANGE: RESOURCE_EXHAUSTED would ask the sender to send the same again
    415: 3,
    429: 8,  # RESOURCE_EXHAUSTED
    503: 14,  # UNAVAILABLE
}
_INTERNAL = 13
_RETRY_INFO = b"type.googleapis.com/google.rpc.RetryInfo"
_INTEGER, _BYTES = 0, 2


def code_of(status: int) -> int:
    """The code of gRPC for a status of HTTP."""
    return _CODES.get(status, _INTERNAL)


def partial_success(rejected: int, problem: str) -> bytes:
    """The encoded answer to a request of which not all was kept; that of each signal has the same form."""
    return _bytes(1, _integer(1, rejected) + _bytes(2, problem.encode("utf-8", "replace")))


def status_message(code: int, message: str, wait: int | None = None) -> bytes:
    """An encoded google.rpc.Status; `wait` says after how many seconds to try again."""
    details = b""
    if wait is not None:
        delay = _bytes(1, _integer(1, wait))
        details = _bytes(3, _bytes(1, _RETRY_INFO) + _bytes(2, delay))
    return _integer(1, code) + _bytes(2, message.encode("utf-8", "replace")) + details


def _integer(field: int, value: int) -> bytes:
    return _varint(field << 3 | _INTEGER) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | _BYTES) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:  # noqa: PLR2004  # seven bits a byte
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)
