"""Objects of any class that says what its state is: only when the class is allowed by name.

The state is what `__getstate__` returns, made of plain data. When it is put back, `__setstate__` of that class runs if
it has one, and no constructor.
"""

from typing import Any, cast

from agentreplay.errors import ClassForbidden
from agentreplay.model.values import Value, is_map
from agentreplay.sdk.plain import NotPlain, from_json, to_json
from agentreplay.sdk.serialisers.plain import MOST
from agentreplay.sdk.serialisers.protocol import Allowed, Wanted

__all__ = ["freeze", "suits", "thaw"]


def suits(agent: object, allow: Allowed) -> bool:
    return type(agent) in allow.values()


def freeze(agent: Any, allow: Allowed) -> Value:
    name = next(name for name, kind in allow.items() if kind is type(agent))
    return {"class": name, "state": to_json(agent.__getstate__(), MOST)}


def thaw(state: Value, wanted: Wanted) -> Any:
    if not is_map(state) or state.keys() != {"class", "state"}:
        raise NotPlain("it is not the state of an object")
    name = str(state["class"])
    kind = wanted.allow.get(name)
    if kind is None:
        raise ClassForbidden(place=wanted.place, name=name.rpartition(":")[2])
    found: Any = from_json(state["state"])
    made: Any = wanted.into if isinstance(wanted.into, kind) else object.__new__(kind)
    if hasattr(made, "__setstate__"):
        made.__setstate__(found)
        return made
    # Where a class has slots, the state is a pair: the fields, and what is in the slots.
    parts = cast("tuple[object, ...]", found) if isinstance(found, tuple) else (found,)
    for part in parts:
        for field, value in part.items() if is_map(part) else ():
            object.__setattr__(made, field, value)
    return made
