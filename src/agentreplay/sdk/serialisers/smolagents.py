"""smolagents: the memory of an agent, without what providers answered beside the message itself.

Given is an agent or its memory; it is put into the agent or the memory given with `into=`, or into a new memory.
"""

import dataclasses
from importlib import import_module
from typing import Any, cast

from agentreplay.errors import StateForeign
from agentreplay.model.values import Value, is_list, is_map
from agentreplay.sdk.plain import NotPlain, from_json, to_json
from agentreplay.sdk.raising import find_type
from agentreplay.sdk.serialisers.plain import MOST
from agentreplay.sdk.serialisers.protocol import Allowed, Wanted

__all__ = ["freeze", "suits", "thaw"]


def suits(agent: object, allow: Allowed) -> bool:  # noqa: ARG001  # the protocol's signature
    return _memory(agent) is not None


def freeze(agent: Any, allow: Allowed) -> Value:  # noqa: ARG001  # as above
    memory = _memory(agent)
    return {
        "system_prompt": to_json(memory.system_prompt, MOST),
        "steps": [{"step": to_json(_bare(step), MOST), "error": _told(step)} for step in memory.steps],
    }


def thaw(state: Value, wanted: Wanted) -> Any:
    try:
        library = import_module("smolagents.memory")
    except ImportError as error:
        raise StateForeign(place=wanted.place, problem="smolagents is not installed") from error
    if not is_map(state) or state.keys() != {"system_prompt", "steps"} or not is_list(state["steps"]):
        raise NotPlain("it is not the memory of an agent")
    memory = _memory(wanted.into)
    if wanted.into is not None and memory is None:
        raise StateForeign(place=wanted.place, problem="what it is to be put into has no memory")
    if memory is None:
        memory = library.AgentMemory("")
    memory.system_prompt = from_json(state["system_prompt"])
    memory.steps = [_step(told) for told in state["steps"]]
    return wanted.into if wanted.into is not None else memory


def _memory(agent: Any) -> Any:
    kind = find_type("smolagents.memory", "AgentMemory")
    if kind is None:
        return None
    found = agent if isinstance(agent, kind) else getattr(agent, "__dict__", {}).get("memory")
    return found if isinstance(found, kind) else None


def _bare(value: Any) -> Any:
    """A step without its error, which is no data, and without the objects of a provider that messages carry along."""
    if isinstance(value, list):
        return [_bare(item) for item in cast("list[object]", value)]
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    names = [field.name for field in dataclasses.fields(value)]
    left_out: dict[str, None] = dict.fromkeys(name for name in ("raw", "error") if name in names)
    parts = {name: _bare(getattr(value, name)) for name in names if name not in left_out}
    # Copied and set: a constructor may ask for what a step that is under way does not have yet.
    made: Any = object.__new__(type(value))
    for name, part in {**parts, **left_out}.items():
        object.__setattr__(made, name, part)
    return made


def _told(step: Any) -> Value:
    error = getattr(step, "error", None)
    return None if error is None else {"type": type(error).__name__, "message": str(error)}


def _step(told: Value) -> Any:
    step = from_json(told["step"])
    error = told["error"]
    if error is not None:
        base = find_type("smolagents.utils", "AgentError")
        kind = find_type("smolagents.utils", str(error["type"]))
        if base is None or kind is None or not issubclass(kind, base):
            raise NotPlain(f"{error['type']} is no error of smolagents")
        # The constructor would write to a log.
        make: Any = BaseException.__new__
        made = make(kind)
        made.args = (str(error["message"]),)
        made.message = str(error["message"])
        step.error = made
    return step
