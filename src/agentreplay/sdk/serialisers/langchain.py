"""LangChain's objects, as LangChain itself writes them: messages, prompts, models, chains.

LangChain runs the constructors of what it reads, and a model that is made so asks the address that the snapshot names.
Therefore only messages are made of any snapshot; other classes when they are allowed by name, or when this very process
has taken a snapshot of one: then it is the program that chose them.
"""

import sys
import warnings
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any, cast

from agentreplay.errors import ClassForbidden, StateForeign, StateUnkept
from agentreplay.model.values import Value, is_list, is_map
from agentreplay.sdk.raising import find_type
from agentreplay.sdk.serialisers.protocol import Allowed, Wanted

__all__ = ["freeze", "suits", "thaw"]

_MESSAGES = frozenset({"AIMessage", "HumanMessage", "RemoveMessage", "SystemMessage", "ToolMessage"})
_SHOWN = 200

_chosen: set[tuple[str, ...]] = set()
"""The classes that this process has taken snapshots of."""


def suits(agent: object, allow: Allowed) -> bool:  # noqa: ARG001  # the protocol's signature
    base = find_type("langchain_core.load.serializable", "Serializable")
    if base is None:
        return False
    parts = cast("list[object]", agent) if isinstance(agent, list) else [agent]
    return bool(parts) and all(isinstance(part, base) for part in parts)


def freeze(agent: Any, allow: Allowed) -> Value:  # noqa: ARG001  # as above
    state: Value = _langchain("load").dumpd(agent)
    nodes = list(_nodes(state))
    for path, node in nodes:
        if node["type"] == "not_implemented":
            told = ".".join(map(str, node["id"]))
            raise StateUnkept(problem=f"LangChain cannot write {told}, at {path or 'the outermost place'}")
    _chosen.update(tuple(node["id"]) for _, node in nodes if node["type"] == "constructor")
    return state


def thaw(state: Value, wanted: Wanted) -> Any:
    nodes = [node for _, node in _nodes(state)]
    if not nodes and not _is_installed():
        return state  # nothing in it is LangChain's
    loading = _langchain("load", wanted.place)
    _langchain("messages", wanted.place)
    kinds = [_class_of(tuple(node["id"]), wanted) for node in nodes if node["type"] == "constructor"]
    homes = sorted(
        {kind.__module__.partition(".")[0] for kind in kinds} | {kind.get_lc_namespace()[0] for kind in kinds}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that reading is a feature under test, which its users know
        try:
            return loading.load(state, allowed_objects=kinds, secrets_map=dict(wanted.secrets), valid_namespaces=homes)
        except (ValueError, TypeError, NotImplementedError, ImportError, AttributeError) as error:
            problem = str(error)[:_SHOWN]
            raise StateForeign(place=wanted.place, problem=f"LangChain does not take it: {problem}") from error


def _class_of(identity: tuple[str, ...], wanted: Wanted) -> Any:
    """The class that a state names. Nothing is imported for it."""
    mapping: dict[tuple[str, ...], tuple[str, ...]] = import_module("langchain_core.load.mapping").SERIALIZABLE_MAPPING
    path = mapping.get(identity, identity)
    kind = find_type(".".join(path[:-1]), path[-1])
    if kind is None:
        # A namespace is not always where a class lives; what is allowed by name says where that is.
        kind = next((each for each in wanted.allow.values() if _identity(each) == identity), None)
    is_message = path[0] == "langchain_core" and path[1] == "messages" and path[-1].removesuffix("Chunk") in _MESSAGES
    if kind is not None and (is_message or identity in _chosen or kind in wanted.allow.values()):
        return kind
    raise ClassForbidden(place=wanted.place, name=path[-1])


def _identity(kind: Any) -> tuple[str, ...] | None:
    return tuple(kind.lc_id()) if hasattr(kind, "lc_id") else None


def _nodes(state: Value, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """The places where LangChain makes something that is no plain data, or could not write it."""
    if is_list(state):
        for number, item in enumerate(state):
            yield from _nodes(item, f"{path}[{number}]")
    elif is_map(state):
        if state.keys() == {"__lc_escaped__"}:
            return  # data that only look like it
        if state.get("lc") == 1 and is_list(state.get("id")) and isinstance(state.get("type"), str):
            yield path, state
        for name, item in state.items():
            yield from _nodes(item, f"{path}.{name}" if path else name)


def _is_installed() -> bool:
    return find_spec("langchain_core") is not None


def _langchain(module: str, place: str = "") -> Any:
    name = f"langchain_core.{module}"
    try:
        return sys.modules.get(name) or import_module(name)
    except ImportError as error:
        raise StateForeign(place=place, problem="LangChain is not installed") from error
