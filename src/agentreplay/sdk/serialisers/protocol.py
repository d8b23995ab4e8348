"""What every serialiser promises."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from agentreplay.model.values import Value

__all__ = ["Allowed", "Serialiser", "Wanted", "allowed"]

Allowed = Mapping[str, type[Any]]
"""The classes that somebody vouched for, by module and name: `shop.agent:Shopper`."""


@dataclass(frozen=True)
class Wanted:
    """How a state is to be put back."""

    place: str
    """The snapshot it comes from."""
    into: Any = None
    """What it is put into; a new one is made where nothing is given."""
    secrets: Mapping[str, str] = field(default_factory=dict[str, str])
    allow: Allowed = field(default_factory=dict[str, type[Any]])


class Serialiser(Protocol):
    """Takes the state out of the agents of one library, and puts it back.

    What stands in a state may come from a stranger: `thaw` MUST make only what its library's data are made of, and
    classes that were allowed by name. It MUST NOT import what the state names.
    """

    def suits(self, agent: object, allow: Allowed) -> bool:
        """Whether the agent is one of this library. MUST NOT import the library: without it no agent is."""
        ...

    def freeze(self, agent: Any, allow: Allowed) -> Value:
        """The state, made of what JSON knows. Raises NotPlain or StateUnkept where a part of it cannot be kept."""
        ...

    def thaw(self, state: Value, wanted: Wanted) -> Any:
        """The agent, or its state, again. Raises NotPlain, StateForeign and ClassForbidden."""
        ...


def allowed(classes: Iterable[type[Any]]) -> Allowed:
    """The classes by the names that snapshots give them."""
    return {f"{kind.__module__}:{kind.__qualname__}": kind for kind in classes}
