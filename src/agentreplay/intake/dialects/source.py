"""A span as its emitter told of it: attributes found under any of their names, JSON in texts read."""

from collections.abc import Iterator
from functools import lru_cache
from typing import cast

from agentreplay.intake.providers import wire
from agentreplay.intake.providers.wire import mapping
from agentreplay.model.span import Span
from agentreplay.model.values import Value

__all__ = ["Source", "names_below", "unpacked"]

_DEEPEST = 16
_LONGEST_NUMBER = 6
_OPENINGS = ("{", "[", '"')


class Source:
    """Asks a span for what it might say. Nothing in here changes the span, and nothing raises."""

    def __init__(self, span: Span) -> None:
        self.span = span
        self.attributes = span.attributes
        self.names = tuple(span.attributes)
        self.prefixes = _prefixes(self.names, str(span.scope.get("name", "")))
        """What the attributes, and who made them, begin with; by it a dialect knows at once whether it is spoken."""

    def has(self, *names: str) -> bool:
        """Whether any of these attributes is there."""
        return not self.attributes.keys().isdisjoint(names)

    def text(self, *names: str) -> str | None:
        """The first of these attributes that is a text with something in it."""
        attributes = self.attributes
        for name in names:
            if name in attributes:
                found = attributes[name]
                if isinstance(found, str) and found:
                    return found
        return None

    def count(self, *names: str) -> int:
        """The first of these attributes that is a number of tokens other than 0."""
        attributes = self.attributes
        for name in names:
            if name in attributes and (number := _count(attributes[name])):
                return number
        return 0

    def value(self, *names: str) -> Value:
        """The first of these attributes that is there, with JSON in a text read; None when none is."""
        attributes = self.attributes
        for name in names:
            if name in attributes and (found := attributes[name]) is not None:
                return unpacked(found)
        return None

    def map(self, *names: str) -> dict[str, Value]:
        """The first of these attributes that is a map, or JSON of one; else an empty one."""
        for name in names:
            if found := mapping(self.value(name)):
                return found
        return {}

    def below(self, prefix: str) -> Value:
        """What attributes whose names begin with the prefix say together: maps, and lists where steps are numbers."""
        names = names_below(self.names, prefix)
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


# Spans of one kind have attributes of the same names, so what follows from the names alone is remembered.


@lru_cache(500)
def _prefixes(names: tuple[str, ...], scope: str) -> frozenset[str]:
    return frozenset(name.partition(".")[0] for name in (*names, scope))


@lru_cache(2_000)
def names_below(names: tuple[str, ...], prefix: str) -> list[tuple[str, str]]:
    """Those of the names that begin with the prefix and a dot, each with what stands behind."""
    start = f"{prefix}."
    return [(name, name[len(start) :]) for name in names if name.startswith(start)]


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


def _count(value: Value) -> int:
    return wire.count(int(value)) if isinstance(value, str) and _is_number(value) else wire.count(value)
