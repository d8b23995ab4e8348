"""A span as its emitter told of it: attributes found under any of their names, JSON in texts read."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TypeVar, cast

from agentreplay.intake.providers import wire
from agentreplay.intake.providers.wire import mapping
from agentreplay.model.span import Span
from agentreplay.model.values import Value

__all__ = ["Source", "Spellings", "unpacked"]

K = TypeVar("K")
V = TypeVar("V")

_DEEPEST = 16
_LONGEST_NUMBER = 6
_LONGEST_COUNT = 12
_OPENINGS = ("{", "[", '"')


class Spellings:
    """The names that attributes have for several things, each with all its spellings, the one believed most first."""

    def __init__(self, **names: tuple[str, ...]) -> None:
        self.names = names


class Source:
    """Asks a span for what it might say. Nothing in here changes the span, and nothing raises."""

    def __init__(self, span: Span) -> None:
        self.span = span
        self.attributes = span.attributes
        self._shape = _shape(tuple(span.attributes), str(span.scope.get("name", "")))
        self.prefixes = self._shape.prefixes
        """What the attributes, and who made them, begin with; by it a dialect knows at once whether it is spoken."""

    def has(self, *names: str) -> bool:
        """Whether any of these attributes is there."""
        return bool(self._shape.given[names])

    def text(self, *names: str) -> str | None:
        """The first of these attributes that is a text with something in it."""
        return _text(self.attributes, self._shape.given[names])

    def texts(self, spellings: Spellings) -> dict[str, str]:
        """The texts with something in them that are there, each the first of its spellings."""
        attributes = self.attributes
        return {what: found for what, names in self._shape.spelled[spellings] if (found := _text(attributes, names))}

    def count(self, *names: str) -> int:
        """The first of these attributes that is a number of tokens other than 0."""
        return _count(self.attributes, self._shape.given[names])

    def counts(self, spellings: Spellings) -> dict[str, int]:
        """The numbers of tokens other than 0 that are there, each the first of its spellings."""
        attributes = self.attributes
        return {what: number for what, names in self._shape.spelled[spellings] if (number := _count(attributes, names))}

    def value(self, *names: str) -> Value:
        """The first of these attributes that is there, with JSON in a text read; None when none is."""
        for name in self._shape.given[names]:
            if (found := self.attributes[name]) is not None:
                return unpacked(found)
        return None

    def map(self, *names: str) -> dict[str, Value]:
        """The first of these attributes that is a map, or JSON of one; else an empty one."""
        for name in self._shape.given[names]:
            if found := mapping(unpacked(self.attributes[name])):
                return found
        return {}

    def names_below(self, prefix: str) -> list[tuple[str, str]]:
        """The names that begin with the prefix and a dot, each with what stands behind."""
        return self._shape.below[prefix]

    def below(self, prefix: str) -> Value:
        """What attributes whose names begin with the prefix say together: maps, and lists where steps are numbers."""
        names = self._shape.below[prefix]
        if not names:
            return self.value(prefix)
        root = _Branch()
        for name, way in names:
            root.put(way.split("."), self.attributes[name])
        return _assembled(root)

    def events(self, *names: str) -> Iterator[tuple[str, dict[str, Value]]]:
        """The events of these names in order, each with all it says: a body counts as attributes."""
        if not self.span.events:
            return
        for event in self.span.events:
            if event.name in names:
                told = dict(event.attributes)
                for holder in ("body", "gen_ai.event.content"):
                    inner = unpacked(told.get(holder))
                    told |= mapping(inner) or ({"content": inner} if isinstance(inner, str) else {})
                yield event.name, told


class _Shape:
    """What follows from the names of the attributes alone. Spans of one kind have the same, so it is kept.

    A dialect asks for many spellings of many things, nearly none of which is there.
    """

    def __init__(self, names: tuple[str, ...], scope: str) -> None:
        self.prefixes = frozenset(name.partition(".")[0] for name in (*names, scope))
        known = frozenset(names)
        self.given: _Kept[tuple[str, ...], tuple[str, ...]] = _Kept(lambda wanted: _given(known, wanted))
        self.spelled: _Kept[Spellings, list[tuple[str, tuple[str, ...]]]] = _Kept(
            lambda asked: [(what, found) for what, wanted in asked.names.items() if (found := _given(known, wanted))]
        )
        self.below: _Kept[str, list[tuple[str, str]]] = _Kept(
            lambda prefix: [(name, name[len(prefix) + 1 :]) for name in names if name.startswith(f"{prefix}.")]
        )


_shape = lru_cache(500)(_Shape)


class _Kept(dict[K, V]):
    """Answers that are made once."""

    def __init__(self, make: Callable[[K], V]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, asked: K) -> V:
        answer = self[asked] = self._make(asked)
        return answer


def _given(known: frozenset[str], wanted: tuple[str, ...]) -> tuple[str, ...]:
    return tuple([name for name in wanted if name in known])


class _Branch(dict[str, Value]):
    """A map of our own making, which a value that came as a map is not."""

    def put(self, way: list[str], value: Value) -> None:
        if len(way) > _DEEPEST:
            return
        branch = self
        for step in way[:-1]:
            inner = branch.get(step)
            if not isinstance(inner, _Branch):
                inner = branch[step] = _Branch()
            branch = inner
        if not isinstance(branch.get(way[-1]), _Branch):
            branch[way[-1]] = value


def unpacked(value: Value) -> Value:
    """What a text says in JSON, if it is such a text; else the value as it came."""
    if not isinstance(value, str) or not value.lstrip().startswith(_OPENINGS):
        return value
    found = wire.parse(value)
    return value if found is None else found


def _assembled(branch: _Branch) -> Value:
    whole = {name: _assembled(item) if isinstance(item, _Branch) else item for name, item in branch.items()}
    if all(_is_number(name) for name in whole):
        return [whole[name] for name in sorted(whole, key=int)]
    return cast("Value", whole)


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit() and len(name) <= _LONGEST_NUMBER


def _text(attributes: dict[str, Value], names: tuple[str, ...]) -> str | None:
    for name in names:
        found = attributes[name]
        if isinstance(found, str) and found:
            return found
    return None


def _count(attributes: dict[str, Value], names: tuple[str, ...]) -> int:
    for name in names:
        value = attributes[name]
        if isinstance(value, str) and len(value) <= _LONGEST_COUNT and value.isascii() and value.isdigit():
            value = int(value)
        if number := wire.count(value):
            return number
    return 0
