"""LangGraph: what a checkpointer keeps of all threads, as plain data.

Given is the checkpointer, or a graph that was compiled with one. It is put into the checkpointer of the graph given
with `into=`, or into a new one in memory.
"""

import sys
from collections import defaultdict
from importlib import import_module
from typing import Any

from agentreplay.errors import StateForeign
from agentreplay.model.values import Value, is_list
from agentreplay.sdk.plain import NotPlain, from_json, to_json
from agentreplay.sdk.raising import find_type
from agentreplay.sdk.serialisers.plain import MOST
from agentreplay.sdk.serialisers.protocol import Allowed, Wanted

__all__ = ["freeze", "suits", "thaw"]


def suits(agent: object, allow: Allowed) -> bool:  # noqa: ARG001  # the protocol's signature
    return _checkpointer(agent) is not None


def freeze(agent: Any, allow: Allowed) -> Value:  # noqa: ARG001  # as above
    # They come newest first; a checkpoint is put behind the one it followed.
    kept = reversed(list(_checkpointer(agent).list(None)))
    return to_json([tuple(each) for each in kept], MOST)


def thaw(state: Value, wanted: Wanted) -> Any:
    _import("langchain_core.messages", wanted)  # what nearly every state is made of
    kept = from_json(state)
    if not is_list(kept):
        raise NotPlain("it is not what a checkpointer keeps")
    saver = _checkpointer(wanted.into)
    if wanted.into is not None and saver is None:
        raise StateForeign(place=wanted.place, problem="what it is to be put into has no checkpointer")
    if saver is None:
        saver = _import("langgraph.checkpoint.memory", wanted).InMemorySaver()
    for config, checkpoint, metadata, parent, writes in kept:
        here = dict(config["configurable"])
        before = {**here, "checkpoint_id": None if parent is None else parent["configurable"]["checkpoint_id"]}
        if parent is None:
            del before["checkpoint_id"]
        stored = saver.put({"configurable": before}, checkpoint, metadata, checkpoint["channel_versions"])
        by_task: defaultdict[str, list[tuple[str, Any]]] = defaultdict(list)
        written: list[tuple[str, str, Any]] = writes or []
        for task, channel, value in written:
            by_task[task].append((channel, value))
        for task, of_task in by_task.items():
            saver.put_writes(stored, of_task, task)
    return wanted.into if wanted.into is not None else saver


def _checkpointer(agent: Any) -> Any:
    base = find_type("langgraph.checkpoint.base", "BaseCheckpointSaver")
    if base is None:
        return None
    if isinstance(agent, base):
        return agent
    # Looked for in the instance, for a program's own objects may do anything when they are asked.
    found = getattr(agent, "__dict__", {}).get("checkpointer")
    return found if isinstance(found, base) else None


def _import(name: str, wanted: Wanted) -> Any:
    try:
        return sys.modules.get(name) or import_module(name)
    except ImportError as error:
        raise StateForeign(place=wanted.place, problem="LangGraph is not installed") from error
