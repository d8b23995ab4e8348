"""The paths of the routes, as a tree: what a path leads to is found in as many steps as it has parts."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from agentreplay.server.routing import Route

__all__ = ["Found", "Paths"]


class Found(NamedTuple):
    """The routes of one path, and what stands where it has names."""

    routes: Mapping[str, Route]
    """By their verbs."""
    named: Mapping[str, str]


class _Place:
    """A place in the tree."""

    def __init__(self) -> None:
        self.below: dict[str, _Place] = {}
        self.any: _Place | None = None
        """What is below, whatever the next part is."""
        self.rest: _Place | None = None
        """What takes all parts that are left."""
        self.routes: dict[str, Route] = {}
        self.names: list[str] = []


class Paths:
    """All routes by their paths."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._top = _Place()
        for route in routes:
            self._add(route)

    def find(self, path: str) -> Found | None:
        """What is at a path; parts that are declared as they stand come before those with names."""
        values: list[str] = []
        place = _descend(self._top, path.rstrip("/").split("/"), values)
        return None if place is None else Found(place.routes, dict(zip(place.names, values, strict=True)))

    def _add(self, route: Route) -> None:
        place, names = self._top, list[str]()
        for part in route.path.split("/"):
            if not part.startswith("{"):
                place = place.below.setdefault(part, _Place())
            elif part.endswith(":path}"):
                names.append(part[1:].removesuffix(":path}"))
                place.rest = place = place.rest or _Place()
            else:
                names.append(part[1:-1])
                place.any = place = place.any or _Place()
        place.names = names
        place.routes[route.verb] = route


def _descend(place: _Place, parts: Sequence[str], values: list[str]) -> _Place | None:
    """The place below this one that the parts lead to; what stands for names is added to the values."""
    if not parts:
        return place if place.routes else None
    part, rest = parts[0], parts[1:]
    if (exact := place.below.get(part)) is not None and (found := _descend(exact, rest, values)) is not None:
        return found
    if part and place.any is not None:
        values.append(part)
        if (found := _descend(place.any, rest, values)) is not None:
            return found
        values.pop()
    if part and place.rest is not None:
        values.append("/".join(parts))
        return place.rest
    return None
