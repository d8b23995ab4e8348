"""What the channels of a graph hold, taken apart so that two values that share something share it on the disk too.

A list is its items, a map its entries, and what is large its pieces. Each of these is a part, and a part that is there
already is not kept again. What is left of the value is its outline, which names parts by their numbers: a conversation
that grew by a message is one new part and an outline of a few bytes.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, Protocol, cast

from blake3 import blake3

from agentreplay.errors import ValueInvalid
from agentreplay.model.values import Value

__all__ = ["Part", "Parts", "Serialiser", "numbers_in", "put_together", "renumbered", "take_apart"]

_PIECE = 16 << 10
_SMALLEST = 128
"""What is smaller stays in the outline: a part of its own would take more."""
_DEEPEST = 8
_RAW = ""
"""The type of a part that is a piece of something larger."""


class Serialiser(Protocol):
    """How a value becomes bytes and is made again; the type tells how they are to be read."""

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        """The type, and the bytes."""
        ...

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        """The value again."""
        ...


class Part(NamedTuple):
    """Something that values may share."""

    type: str
    data: bytes

    @property
    def digest(self) -> bytes:
        """Tells it from every other part."""
        return blake3(self.type.encode() + b"\0" + self.data).digest(length=16)


class Parts:
    """The parts of some values, each once, numbered as they came from 0."""

    def __init__(self) -> None:
        self._all: list[Part] = []
        self._numbers: dict[bytes, int] = {}

    def number_of(self, part: Part) -> int:
        """The number of a part, which it gets when it first comes."""
        number = self._numbers.setdefault(part.digest, len(self._all))
        if number == len(self._all):
            self._all.append(part)
        return number

    def __iter__(self) -> Iterator[tuple[bytes, Part]]:
        """The digest of each, and the part, in the order of the numbers."""
        return zip(self._numbers, self._all, strict=True)


def take_apart(value: Any, serialiser: Serialiser, parts: Parts, depth: int = 0) -> Value:
    """The outline of a value; its parts are added to those that are there."""
    # Of other kinds of lists and maps, nobody but the serialiser knows what makes them what they are.
    kind = cast("type[object]", type(value))
    if kind is list and _is_worth_parting(value, serialiser):
        return ["items", *_runs(parts.number_of(Part(*serialiser.dumps_typed(item))) for item in value)]
    if kind is dict and depth < _DEEPEST and _has_large_entries(value):
        return ["entries", {name: take_apart(item, serialiser, parts, depth + 1) for name, item in value.items()}]
    named, data = serialiser.dumps_typed(value)
    if len(data) < _SMALLEST:
        return ["inline", named, data]
    pieces = (data[start : start + _PIECE] for start in range(0, len(data), _PIECE))
    return ["pieces", named, *_runs(parts.number_of(Part(_RAW, piece)) for piece in pieces)]


def put_together(outline: Value, serialiser: Serialiser, part: Callable[[int], Part]) -> Any:
    """The value again that was taken apart. Raises ValueInvalid for what is no outline."""
    match outline:
        case ["inline", str() as kind, bytes() as data]:
            return serialiser.loads_typed((kind, data))
        case ["items", *runs]:
            return [serialiser.loads_typed(part(number)) for number in _numbers(runs)]
        case ["entries", {**outlines}]:
            return {name: put_together(item, serialiser, part) for name, item in outlines.items()}
        case ["pieces", str() as kind, *runs]:
            return serialiser.loads_typed((kind, b"".join(part(number).data for number in _numbers(runs))))
        case _:
            raise _no_outline(outline)


def renumbered(outline: Value, number: Callable[[int], int]) -> Value:
    """The same outline, with other numbers for the parts."""
    match outline:
        case ["inline", _, _]:
            return outline
        case ["items", *runs]:
            return ["items", *_runs(map(number, _numbers(runs)))]
        case ["entries", {**outlines}]:
            return ["entries", {name: renumbered(item, number) for name, item in outlines.items()}]
        case ["pieces", kind, *runs]:
            return ["pieces", kind, *_runs(map(number, _numbers(runs)))]
        case _:
            raise _no_outline(outline)


def numbers_in(outline: Value) -> Iterator[int]:
    """The parts that an outline names, as often as it does."""
    match outline:
        case ["items", *runs] | ["pieces", _, *runs]:
            yield from _numbers(runs)
        case ["entries", {**outlines}]:
            for item in outlines.values():
                yield from numbers_in(item)
        case _:
            pass


def _is_worth_parting(values: list[Any], serialiser: Serialiser) -> bool:
    """Whether the items of a list are large enough; its ends tell of all, for a list may have very many."""
    return bool(values) and max(len(serialiser.dumps_typed(end)[1]) for end in (values[0], values[-1])) >= _SMALLEST


def _has_large_entries(values: dict[Any, Any]) -> bool:
    return all(type(name) is str for name in values) and any(
        type(item) in {list, dict} or (type(item) in {str, bytes} and len(item) >= _SMALLEST)
        for item in values.values()
    )


def _runs(numbers: Iterable[int]) -> list[Value]:
    """Numbers as stretches: the first and how many, the first and how many …"""
    runs: list[Value] = []
    following = -1
    for number in numbers:
        if number == following:
            runs[-1] += 1
        else:
            runs += [number, 1]
        following = number + 1
    return runs


def _numbers(runs: list[Any]) -> Iterator[int]:
    for first, count in zip(runs[::2], runs[1::2], strict=True):
        yield from range(first, first + count)


def _no_outline(outline: object) -> ValueInvalid:
    return ValueInvalid(what="the outline of a channel", problem=f"{str(outline)[:60]} is none")
