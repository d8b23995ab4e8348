"""The codec of attribute values: what came in goes out.

Values are what JSON knows, and bytes, integers of any size, NaN and the infinities, and text with lone
surrogates. Tuples come back as lists. The encoding is MessagePack with two extension types:

    1  an integer beyond 64 bits, as decimal text
    2  text that is not valid Unicode, as UTF-8 with its surrogates passed through
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeGuard, TypeVar, cast, overload

import msgspec

from agentreplay.errors import ValueInvalid

__all__ = ["Value", "decode", "decoder", "encode", "encode_each", "is_list", "is_map", "spelled_out"]

Value = Any
"""None, bool, int, float, str, bytes, a list of values or a mapping from str to values."""

T = TypeVar("T")

_BIG_INTEGER = 1
_BROKEN_TEXT = 2
_DEEPEST = 500
_LONGEST_DECIMAL = 4_000
_LARGEST = 1 << 64
_SMALLEST = -(1 << 63)
_decoders: dict[object, Callable[[bytes | memoryview], Any]] = {}


class _Extension:
    """Stands for an extension type, which could not be the key of a mapping."""

    def __init__(self, code: int, data: bytes) -> None:
        self.code = code
        self.data = data


def _extend(value: object) -> msgspec.msgpack.Ext:
    if isinstance(value, _Extension):
        return msgspec.msgpack.Ext(value.code, value.data)
    raise ValueInvalid(
        what="an attribute value",
        problem=f"{type(value).__name__} cannot be kept; give text, numbers, lists or maps",
    )


_plain = msgspec.msgpack.Encoder(enc_hook=_extend)


def encode(value: object) -> bytes:
    """Encode a value or a struct that holds values; raises ValueInvalid for what cannot be kept."""
    try:
        try:
            return _plain.encode(value)
        except (OverflowError, UnicodeEncodeError):
            return _plain.encode(_escape(value, 0))
    except RecursionError:
        raise _too_deep() from None


def encode_each(values: Mapping[str, object]) -> dict[str, msgspec.Raw]:
    """Each of the values, as `encode` encodes it."""
    raw, plain = msgspec.Raw, _plain.encode
    try:
        return {name: raw(plain(value)) for name, value in values.items()}
    except (OverflowError, UnicodeEncodeError, RecursionError):
        return {name: raw(encode(value)) for name, value in values.items()}


@overload
def decode(data: bytes | memoryview) -> Any: ...
@overload
def decode(data: bytes | memoryview, kind: type[T]) -> T: ...
def decode(data: bytes | memoryview, kind: Any = Any) -> Any:
    """Decode what `encode` made; raises ValueInvalid when the bytes are not that."""
    known = _decoders.get(kind)
    if known is None:
        known = _decoders[kind] = decoder(kind)
    return known(data)


def decoder(kind: type[T], *, is_lenient: bool = True) -> Callable[[bytes | memoryview], T]:
    """`decode` for one type, for whoever decodes so often that finding its decoder each time shows.

    One that is not lenient raises ValueInvalid for text that is not valid Unicode where text or a key is asked for.
    """
    decode_typed = msgspec.msgpack.Decoder(kind, ext_hook=_unescape).decode

    def decode_one(data: bytes | memoryview) -> T:
        try:
            try:
                return decode_typed(data)
            except msgspec.ValidationError:
                if not is_lenient:
                    raise
                # Where text or a key is asked for, no extension is taken: these are read without types first.
                return msgspec.convert(decode(data), kind)
        except (msgspec.DecodeError, RecursionError, ValueError) as error:
            raise ValueInvalid(what="an encoded value", problem=str(error)) from error

    return decode_one


def is_map(value: Value) -> TypeGuard[dict[str, Value]]:
    """Whether the value is a mapping."""
    return isinstance(value, dict)


def is_list(value: Value) -> TypeGuard[list[Value]]:
    """Whether the value is a list."""
    return isinstance(value, list)


def spelled_out(text: str) -> str:
    """The text with its lone surrogates spelled out, as names are kept; in values they are kept as they came."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _escape(value: object, depth: int) -> object:
    if depth > _DEEPEST:
        raise _too_deep()
    match value:
        case str():
            return _escape_text(value)
        case int() if not _SMALLEST <= value < _LARGEST:
            return _Extension(_BIG_INTEGER, _decimal(value))
        case Mapping():
            fields = cast("Mapping[object, object]", value)
            return {_escape(key, depth + 1): _escape(item, depth + 1) for key, item in fields.items()}
        case list() | tuple():
            return [_escape(item, depth + 1) for item in cast("Sequence[object]", value)]
        case msgspec.Struct():
            is_array = value.__struct_config__.array_like
            return _escape((msgspec.structs.astuple if is_array else msgspec.structs.asdict)(value), depth)
        case _:
            return value


def _escape_text(value: str) -> object:
    try:
        value.encode()
    except UnicodeEncodeError:
        return _Extension(_BROKEN_TEXT, value.encode("utf-8", "surrogatepass"))
    return value


def _unescape(code: int, data: memoryview) -> object:
    if code == _BIG_INTEGER:
        return _integer(bytes(data))
    if code == _BROKEN_TEXT:
        return bytes(data).decode("utf-8", "surrogatepass")
    raise ValueInvalid(what="an encoded value", problem=f"extension type {code} is unknown")


def _decimal(value: int) -> bytes:
    # str() refuses integers of more than 4,300 digits, so those travel in hexadecimal.
    return (str(value) if value.bit_length() < _LONGEST_DECIMAL else hex(value)).encode()


def _integer(text: bytes) -> int:
    return int(text, 16 if text.lstrip(b"-").startswith(b"0x") else 10)


def _too_deep() -> ValueInvalid:
    return ValueInvalid(what="an attribute value", problem=f"it is nested more than {_DEEPEST} levels deep")
