"""`AgentReplaySaver`: keeps the threads of LangGraph's graphs in the data folder of this machine, each thing once.

LangGraph has to be there already; nothing else of agentreplay imports this.
"""

import os
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, Self

from agentreplay.core.graph_threads import Step, Stored, Writes
from agentreplay.core.graph_values import Parts, put_together, take_apart
from agentreplay.errors import ExtraMissing, ValueInvalid
from agentreplay.sdk import graph_calls
from agentreplay.sdk.graph_calls import Desk, GraphStates
from agentreplay.sdk.marks import checkpoint as mark
from agentreplay.sdk.scope import boundary
from agentreplay.sdk.state import States, author

__all__ = ["AgentReplaySaver"]

try:
    _langgraph: Any = import_module("langgraph.checkpoint.base")
except ModuleNotFoundError as error:
    raise ExtraMissing(what="AgentReplaySaver", package="langgraph", extra="langgraph") from error

_Config = Any
"""A `RunnableConfig` of LangChain's."""
_Tuple = Any
"""A `CheckpointTuple`."""
_DELTAS = "counters_since_delta_snapshot"
_DIGITS = 32


class AgentReplaySaver(_langgraph.BaseCheckpointSaver):  # type: ignore[misc]  # LangGraph is an optional extra
    """A checkpointer for graphs: what two checkpoints share is on the disk once.

    Any number of processes share a data folder, and what was put survives a crash of any of them. In a recording each
    use is a call, so that a replay is served what was read and keeps nothing; each checkpoint is one of the session
    too, and its metadata name that session and the span.
    """

    def __init__(
        self,
        *,
        serde: Any = None,
        namespace: str = "langgraph",
        db_path: str | os.PathLike[str] | None = None,
        project: str | None = None,
        tenant: str | None = None,
    ) -> None:
        super().__init__(serde=serde)
        self._states = GraphStates(States(db_path=db_path, project=project, tenant=tenant), namespace)

    def put(self, config: _Config, checkpoint: Any, metadata: Any, new_versions: Mapping[str, Any]) -> _Config:
        """Keep a checkpoint, and return the config that names it."""
        asked = self._new_step(config, checkpoint, metadata)
        graph_calls.put.now(*asked)
        return _passed(asked[1:4], metadata, new_versions)

    async def aput(self, config: _Config, checkpoint: Any, metadata: Any, new_versions: Mapping[str, Any]) -> _Config:
        """As `put`."""
        asked = self._new_step(config, checkpoint, metadata)
        await graph_calls.put.later(*asked)
        return _passed(asked[1:4], metadata, new_versions)

    def put_writes(self, config: _Config, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = "") -> None:
        """Keep what a task wrote behind a checkpoint."""
        graph_calls.put_writes.now(*self._new_writes(config, writes, task_id, task_path))

    async def aput_writes(
        self, config: _Config, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """As `put_writes`."""
        await graph_calls.put_writes.later(*self._new_writes(config, writes, task_id, task_path))

    def get_tuple(self, config: _Config) -> _Tuple | None:
        """The checkpoint that the config names, or the latest one; None when there is none."""
        return self._tuple(graph_calls.get.now(self._desk(self._told), *_named(config)))

    async def aget_tuple(self, config: _Config) -> _Tuple | None:
        """As `get_tuple`."""
        return self._tuple(await graph_calls.get.later(self._desk(self._told), *_named(config)))

    def list(
        self,
        config: _Config | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002  # LangGraph's signature
        before: _Config | None = None,
        limit: int | None = None,
    ) -> Iterator[_Tuple]:
        """The checkpoints of a thread or of all, the newest first; with a filter those with such metadata."""
        place = _listed(config)
        found: Iterable[Sequence[str]]
        if filter:
            found = _with(filter, graph_calls.steps.now(self._desk(self._loads), *place))
        else:
            found = graph_calls.keys.now(self._desk(), *place)
        for key in _wanted(found, config, before)[:limit]:
            kept = self._tuple(graph_calls.get.now(self._desk(self._told), *key))
            if kept is not None:
                yield kept

    async def alist(
        self,
        config: _Config | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002  # LangGraph's signature
        before: _Config | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[_Tuple]:
        """As `list`."""
        place = _listed(config)
        found: Iterable[Sequence[str]]
        if filter:
            found = _with(filter, await graph_calls.steps.later(self._desk(self._loads), *place))
        else:
            found = await graph_calls.keys.later(self._desk(), *place)
        for key in _wanted(found, config, before)[:limit]:
            kept = self._tuple(await graph_calls.get.later(self._desk(self._told), *key))
            if kept is not None:
                yield kept

    def threads(self) -> Sequence[str]:
        """The threads of which there is a checkpoint, in order."""
        return graph_calls.threads.now(self._desk())

    async def athreads(self) -> Sequence[str]:
        """As `threads`."""
        return await graph_calls.threads.later(self._desk())

    def delete_thread(self, thread_id: str) -> None:
        """Delete a thread; nothing of it stays in the data folder."""
        graph_calls.retain.now(self._desk(), str(thread_id), [])

    async def adelete_thread(self, thread_id: str) -> None:
        """As `delete_thread`."""
        await graph_calls.retain.later(self._desk(), str(thread_id), [])

    def delete_for_runs(self, run_ids: Sequence[str]) -> None:
        """Delete the checkpoints that these runs made, in all threads."""
        for thread, kept in _without(run_ids, graph_calls.steps.now(self._desk(self._loads), None, None)):
            graph_calls.retain.now(self._desk(), thread, kept)

    async def adelete_for_runs(self, run_ids: Sequence[str]) -> None:
        """As `delete_for_runs`."""
        for thread, kept in _without(run_ids, await graph_calls.steps.later(self._desk(self._loads), None, None)):
            await graph_calls.retain.later(self._desk(), thread, kept)

    def copy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Copy all of a thread into another."""
        graph_calls.copy.now(self._desk(), str(source_thread_id), str(target_thread_id))

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """As `copy_thread`."""
        await graph_calls.copy.later(self._desk(), str(source_thread_id), str(target_thread_id))

    def prune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Keep of each thread what its latest checkpoints need, by `keep_latest`, or nothing, by `delete`."""
        for thread in map(str, thread_ids):
            kept = _needed(graph_calls.steps.now(self._desk(self._loads), thread, None)) if _keeps(strategy) else []
            graph_calls.retain.now(self._desk(), thread, kept)

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """As `prune`."""
        for thread in map(str, thread_ids):
            kept = (
                _needed(await graph_calls.steps.later(self._desk(self._loads), thread, None))
                if _keeps(strategy)
                else []
            )
            await graph_calls.retain.later(self._desk(), thread, kept)

    def get_next_version(self, current: Any, channel: None) -> Any:  # noqa: ARG002  # LangGraph's signature
        """The version behind this one, which may be of a thread that another saver began."""
        if isinstance(current, str):
            return f"{int(current.partition('.')[0]) + 1:0{_DIGITS}}"
        return 1 if current is None else current + 1

    def close(self) -> None:
        """Let go of the files. Closing twice is harmless."""
        self._states.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def _desk(self, thing: Any = None, parts: Parts | None = None) -> Desk:
        return Desk(self._states.threads, thing, parts or Parts())

    def _new_step(
        self, config: _Config, checkpoint: Any, metadata: Any
    ) -> tuple[Desk, str, str, str, str | None, Sequence[str]]:
        """What is asked to keep a checkpoint."""
        thread, namespace, parent = _named(config)
        told: dict[str, Any] = _langgraph.get_checkpoint_metadata(config, metadata)
        if (by := author()) is not None:
            told = {**told, "agentreplay_session": by.session, "agentreplay_span": by.span_id}
        parts = Parts()
        values = checkpoint["channel_values"].items()
        channels = {name: take_apart(value, self.serde, parts) for name, value in values}
        frame = self.serde.dumps_typed({name: item for name, item in checkpoint.items() if name != "channel_values"})
        step = Step(parent, frame, self.serde.dumps_typed(told), channels)
        return self._desk(step, parts), thread, namespace, checkpoint["id"], parent, sorted(channels)

    def _new_writes(
        self, config: _Config, writes: Sequence[tuple[str, Any]], task: str, path: str
    ) -> tuple[Desk, str, str, str, str, Sequence[str]]:
        """What is asked to keep what a task wrote."""
        thread, namespace, step = _named(config)
        parts = Parts()
        placed = {
            _langgraph.WRITES_IDX_MAP.get(channel, place): (channel, take_apart(value, self.serde, parts))
            for place, (channel, value) in enumerate(writes)
        }
        desk = self._desk(Writes(path, placed), parts)
        return desk, thread, namespace, str(step), task, [channel for channel, _ in writes]

    def _loads(self, typed: tuple[str, bytes]) -> Any:
        return self.serde.loads_typed(typed)

    def _told(self, stored: Stored) -> Any:
        """A checkpoint as the program gets it, so that a recording holds it readable and rid of secrets."""
        step, writes = stored.step, stored.writes.items()
        part = stored.parts.__getitem__
        placed = sorted((task.path, name, at, *write) for name, task in writes for at, write in task.writes.items())
        values = {name: put_together(outline, self.serde, part) for name, outline in step.channels.items()}
        return [
            [*stored.key],
            {**self.serde.loads_typed(step.checkpoint), "channel_values": values},
            self.serde.loads_typed(step.metadata),
            step.parent,
            [(name, channel, put_together(outline, self.serde, part)) for _, name, _, channel, outline in placed],
        ]

    def _tuple(self, told: Any) -> _Tuple | None:
        if told is None:
            return None
        (thread, namespace, step), checkpoint, metadata, parent, writes = told
        return _langgraph.CheckpointTuple(
            config=_config(thread, namespace, step),
            checkpoint=checkpoint,
            metadata=metadata,
            parent_config=None if parent is None else _config(thread, namespace, parent),
            pending_writes=writes,
        )


def _with(wanted: Mapping[str, Any], steps: Iterable[Any]) -> Iterator[Any]:
    """The names of those whose metadata say so."""
    for key, _, metadata, _ in steps:
        if all(metadata.get(name) == value for name, value in wanted.items()):
            yield key


def _without(runs: Sequence[str], steps: Iterable[Any]) -> Iterator[tuple[str, list[Any]]]:
    """The threads in which these runs made something, each with the names of what others made."""
    kept: dict[str, list[Any]] = {}
    touched: set[str] = set()
    for key, _, metadata, _ in steps:
        if metadata.get("run_id") in runs:
            touched.add(key[0])
        else:
            kept.setdefault(key[0], []).append(key)
    for thread in sorted(touched):
        yield thread, kept.get(thread, [])


def _needed(steps: Iterable[Any]) -> list[Any]:
    """The names of the latest checkpoint of each namespace, and of those before it that its channels start from."""
    by_name = {tuple(key): rest for key, *rest in steps}
    kept: list[Any] = []
    for namespace in dict.fromkeys(key[1] for key in by_name):
        here = next(key for key in by_name if key[1] == namespace)
        parent, metadata, channels = by_name[here]
        # What such a channel holds is told by what was written since it was last kept whole.
        missing = set(metadata.get(_DELTAS) or ()) - set(channels)
        kept.append(list(here))
        while missing and (before := (here[0], namespace, parent)) in by_name:
            parent, _, channels = by_name[before]
            missing -= set(channels)
            kept.append(list(before))
    return kept


def _named(config: _Config) -> tuple[str, str, str | None]:
    """The thread, the namespace, and the checkpoint if there is one."""
    named = config["configurable"]
    step = named.get("checkpoint_id")
    return str(named["thread_id"]), named.get("checkpoint_ns", ""), None if step is None else str(step)


def _listed(config: _Config | None) -> tuple[str | None, str | None]:
    """The thread and the namespace, as far as the config names them."""
    if config is None:
        return None, None
    return _named(config)[0], config["configurable"].get("checkpoint_ns")


def _wanted(keys: Iterable[Any], config: _Config | None, before: _Config | None) -> list[Any]:
    only = None if config is None else _named(config)[2]
    end = None if before is None else before["configurable"].get("checkpoint_id")
    return [key for key in keys if (only is None or key[2] == only) and (end is None or key[2] < end)]


def _config(thread: str, namespace: str, step: str) -> _Config:
    return {"configurable": {"thread_id": thread, "checkpoint_ns": namespace, "checkpoint_id": step}}


def _passed(named: tuple[str, str, str], metadata: Mapping[str, Any], changed: Mapping[str, Any]) -> _Config:
    """The config of a checkpoint that was kept; in a recording it is a checkpoint of the session too."""
    thread, namespace, step = named
    if boundary() is None:
        return _config(*named)
    about = {"thread": thread, "namespace": namespace, "checkpoint": step, "source": metadata.get("source")}
    mark(f"{thread} step {metadata.get('step')}", {**about, "changed": sorted(changed)})
    return _config(*named)


def _keeps(strategy: str) -> bool:
    if strategy not in {"keep_latest", "delete"}:
        raise ValueInvalid(what="a strategy of pruning", problem=f"{strategy!r} is neither keep_latest nor delete")
    return strategy == "keep_latest"
