"""What takes the state out of an agent and puts it back, one library each.

A serialiser is a module with the three functions of `Serialiser`. Which one an agent's state was taken out by is told
in the snapshot; it names one of those registered here and never code of its own.
"""

from importlib import import_module
from typing import cast

from agentreplay.errors import StateForeign
from agentreplay.sdk.serialisers.protocol import Allowed, Serialiser, Wanted, allowed

__all__ = ["Allowed", "Serialiser", "Wanted", "allowed", "find", "named", "names", "register"]

_HERE = ("langchain", "langgraph", "pydantic_ai", "openai_agents", "smolagents", "getstate", "plain")
"""In the order in which they are asked whether an agent is theirs."""

_others: dict[str, Serialiser] = {}


def register(name: str, serialiser: Serialiser) -> None:
    """Add a serialiser of the program's own; it is asked before all others."""
    _others[name] = serialiser


def names() -> tuple[str, ...]:
    """The serialisers there are, in the order in which they are asked."""
    return (*reversed(_others), *_HERE)


def named(name: str, place: str) -> Serialiser:
    """The serialiser of that name. Raises StateForeign where nobody registered it."""
    if name in _others:
        return _others[name]
    if name not in _HERE:
        raise StateForeign(place=place, problem=f"no serialiser {name!r} is registered")
    # A module is what the protocol asks for.
    return cast("Serialiser", import_module(f"agentreplay.sdk.serialisers.{name}"))


def find(agent: object, allow: Allowed) -> tuple[str, Serialiser]:
    """Whose state the agent has."""
    name = next(name for name in names() if named(name, "").suits(agent, allow))
    return name, named(name, "")
