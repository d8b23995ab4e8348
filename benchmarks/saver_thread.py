"""`python -m benchmarks.saver_thread ours|sqlite|memory agent|chat FOLDER`: a thread of 200 steps in one saver.

Runs where LangGraph is installed, and prints what it took as JSON.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from typing import Any

from blake3 import blake3

from benchmarks.conversation import Conversation, Message
from benchmarks.source import Source

__all__ = ["main"]

_STEPS = 200
_READINGS = 5
_THREAD: dict[str, Any] = {"configurable": {"thread_id": "benchmark"}, "recursion_limit": _STEPS + 10}
_messages: Any = import_module("langchain_core.messages")
_graphs: Any = import_module("langgraph.graph")


def main(side: str, kind: str, folder: Path) -> dict[str, object]:
    """Run the thread, read it, and say what it took."""
    folder.mkdir(parents=True)
    empty = 0
    if side == "ours":
        with _saver(side, folder / "empty") as saver:
            saver.threads()
        empty = _size(folder / "empty")
    turns = [_as_langchain(turn, number) for number, turn in enumerate(_turns(kind))]
    with _saver(side, folder / "thread") as saver:
        graph = _graph(turns, saver)
        before = time.process_time()
        graph.invoke({"messages": []}, _THREAD)
        run = time.process_time() - before
        read = min(_read(saver) for _ in range(_READINGS))
        values = graph.get_state(_THREAD).values["messages"]
    assert len(values) == sum(map(len, turns))
    digest = blake3(repr(values).encode()).hexdigest()
    size = _size(folder / "thread")
    return {"bytes": size, "empty": empty, "run": run, "read": read, "digest": digest, "steps": _STEPS}


def _graph(turns: list[list[Any]], saver: Any) -> Any:
    """One node that says its turns, one to a step."""
    left = iter(turns)
    count = iter(range(1, _STEPS + 1))

    def say(_: Any) -> dict[str, Any]:
        return {"messages": next(left)}

    def is_over(_: Any) -> str:
        return str(_graphs.END) if next(count) == _STEPS else "say"

    builder = _graphs.StateGraph(_graphs.MessagesState)
    builder.add_node("say", say)
    builder.add_edge(_graphs.START, "say")
    builder.add_conditional_edges("say", is_over)
    return builder.compile(checkpointer=saver)


def _turns(kind: str) -> Iterator[list[Message]]:
    """What each step says."""
    source = Source(7, 20_000)
    if kind == "chat":
        for number in range(_STEPS):
            yield [
                {"role": ("user", "assistant")[number % 2], "content": source.prose.passage(source.length(250, 0.7))}
            ]
        return
    said = 0
    for call in Conversation(source, "You are a careful coder.", calls=_STEPS).calls():
        yield [*call.messages[said:], call.answer]
        said = len(call.messages) + 1


def _as_langchain(turn: list[Message], number: int) -> list[Any]:
    kinds = {
        "system": _messages.SystemMessage,
        "user": _messages.HumanMessage,
        "assistant": _messages.AIMessage,
    }
    return [
        kinds[message["role"]](content=message["content"], id=f"{number}-{place}") for place, message in enumerate(turn)
    ]


def _saver(side: str, folder: Path) -> AbstractContextManager[Any]:
    folder.mkdir()
    saver: AbstractContextManager[Any]
    match side:
        case "ours":
            saver = import_module("agentreplay.langgraph").AgentReplaySaver(db_path=folder)
        case "sqlite":
            saver = import_module("langgraph.checkpoint.sqlite").SqliteSaver.from_conn_string(str(folder / "it.sqlite"))
        case _:
            saver = import_module("langgraph.checkpoint.memory").InMemorySaver()
    return saver


def _read(saver: Any) -> float:
    before = time.process_time()
    saver.get_tuple(_THREAD)
    return time.process_time() - before


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))))
