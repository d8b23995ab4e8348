"""`Statehouse`: the client of that name, for programs written for it, over the facts of this machine or of a server.

Its names and what they mean are kept; docs/state.md tells what is better, and what each call is called here.
"""

import json
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Self

from agentreplay.core import state as asking
from agentreplay.core.exact import spell_exact
from agentreplay.core.state_transaction import OpenTransaction
from agentreplay.errors import AgentReplayError, NotFound, Unavailable
from agentreplay.model.fact import Fact, FactPosition, StateKey, Transaction, check_key, state_key
from agentreplay.model.values import Value
from agentreplay.sdk.remote_states import RemoteStates, server_address
from agentreplay.sdk.state import States

__all__ = [
    "Operation",
    "ReplayEvent",
    "StateResult",
    "Statehouse",
    "StatehouseConnectionError",
    "StatehouseError",
    "StatehouseNotFoundError",
    "StatehouseTransaction",
    "TransactionError",
]

_USUAL_URL = "localhost:50051"
_TIMEOUT_MS = 30_000
_SECOND = 1_000_000_000
_LONGEST = 120


class StatehouseError(Exception):
    """Something went wrong with a state; the cause says more."""


class TransactionError(StatehouseError):
    """A transaction did not happen."""


class StatehouseNotFoundError(StatehouseError):
    """There is no such thing."""


class StatehouseConnectionError(StatehouseError):
    """The store cannot be reached."""


@dataclass
class StateResult:
    """What a key holds."""

    value: Any
    version: int
    commit_ts: int
    """The position of the commit in the one order of all; 0 when there was none."""
    exists: bool
    key: str = ""


@dataclass
class Operation:
    """What an event did to one key: a value, or none when it deleted the key."""

    key: str
    value: Any
    version: int


@dataclass
class ReplayEvent:
    """What one transaction did to the state of one agent."""

    txn_id: str
    commit_ts: int
    operations: list[Operation] = field(default_factory=list[Operation])
    namespace: str = "default"
    agent_id: str = ""

    def to_dict(self) -> dict[str, Any]:
        """All of it as a map."""
        operations = [{"key": done.key, "value": done.value, "version": done.version} for done in self.operations]
        return {
            "txn_id": self.txn_id,
            "commit_ts": self.commit_ts,
            "namespace": self.namespace,
            "agent_id": self.agent_id,
            "operations": operations,
        }


class StatehouseTransaction:
    """Gathers writes and deletions, and does them at once. As a context manager it commits, or aborts on an error."""

    def __init__(self, opened: OpenTransaction, namespace: str) -> None:
        self._opened = opened
        self._namespace = namespace

    def write(self, agent_id: str, key: str, value: Value) -> None:
        """Give a key a value."""
        with _told(TransactionError):
            self._opened.write(self._namespace, agent_id, key, value)

    def delete(self, agent_id: str, key: str) -> None:
        """Delete a key."""
        with _told(TransactionError):
            self._opened.delete(self._namespace, agent_id, key)

    def commit(self) -> int:
        """Do it all; returns the position of the commit."""
        with _told(TransactionError):
            return self._opened.commit().position

    def abort(self) -> None:
        """Do nothing of it."""
        with _told(TransactionError):
            self._opened.abort()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        with _told(TransactionError):
            self._opened.__exit__(kind, *rest)


class Statehouse:
    """The states of agents. `url` is that of a server, `HOST:PORT`, or names a data folder.

    The usual address means the data folder of this machine. No daemon is needed for that: any number of processes share
    a data folder, and a server may serve the same one.
    """

    def __init__(self, url: str | None = None, namespace: str | None = None, timeout: float | None = None) -> None:
        address = url or os.environ.get("STATEHOUSE_URL") or _USUAL_URL
        self._namespace = namespace or os.environ.get("STATEHOUSE_NAMESPACE") or "default"
        # For whoever waits for other writers longer than usual, as the client of that name had it.
        self._timeout_ms = _TIMEOUT_MS if timeout is None else int(timeout * 1000)
        with _told():
            self._states: States | RemoteStates
            if address != _USUAL_URL and (found := server_address(address)) is not None:
                self._states = RemoteStates(found)
            else:
                self._states = States(db_path=None if address == _USUAL_URL else address)

    def health(self) -> str:
        """`ok`, once the store has answered."""
        with _told():
            self._states.facts.position()
            return "ok"

    def version(self) -> tuple[str, str]:
        """The version of this package; of no commit."""
        return (version("agentreplay"), "")

    def begin_transaction(self, timeout_ms: int | None = None, namespace: str | None = None) -> StatehouseTransaction:
        """A transaction on any agents of a namespace."""
        with _told(TransactionError):
            opened = self._states.begin((timeout_ms or self._timeout_ms) / 1000)
        return StatehouseTransaction(opened, namespace or self._namespace)

    def get_state(self, agent_id: str, key: str, namespace: str | None = None) -> StateResult:
        """What a key holds."""
        with _told():
            return _result(key, self._states.facts.get(self._key(agent_id, namespace), check_key(key)))

    def get_state_at_version(self, agent_id: str, key: str, version: int, namespace: str | None = None) -> StateResult:
        """What a key held in one version."""
        with _told():
            return _result(key, self._states.facts.version(self._key(agent_id, namespace), check_key(key), version))

    def list_keys(self, agent_id: str, namespace: str | None = None) -> list[str]:
        """The keys that hold something, in order."""
        return [found.key for found in self.scan_prefix(agent_id, "", namespace)]

    def scan_prefix(self, agent_id: str, prefix: str, namespace: str | None = None) -> list[StateResult]:
        """What the keys that begin so hold, each with its key."""
        state = self._key(agent_id, namespace)
        with _told():
            facts = asking.each(lambda request: self._states.facts.find(state, prefix, request))
            return [_result(fact.key, fact) for fact in facts]

    def replay(
        self, agent_id: str, start_ts: int | None = None, end_ts: int | None = None, namespace: str | None = None
    ) -> Iterator[ReplayEvent]:
        """The events of an agent from one commit to another, both included, in their order and in constant memory."""
        state = self._key(agent_id, namespace)
        for entry in self._entries(state, start_ts, end_ts):
            yield _event(state, entry)

    def replay_events(
        self, agent_id: str, start_ts: int | None = None, end_ts: int | None = None, namespace: str | None = None
    ) -> Iterator[ReplayEvent]:
        """`replay` by another name."""
        return self.replay(agent_id, start_ts, end_ts, namespace)

    def replay_pretty(  # the signature of the client of that name
        self,
        agent_id: str,
        start_ts: int | None = None,
        end_ts: int | None = None,
        namespace: str | None = None,
        verbose: bool = False,  # noqa: FBT001, FBT002  # as above
    ) -> Iterator[str]:
        """A line for each operation."""
        state = self._key(agent_id, namespace)
        for entry in self._entries(state, start_ts, end_ts):
            moment = datetime.fromtimestamp(entry.committed / _SECOND, UTC)
            for done in entry.operations:
                what = "DEL  " if done.is_deleted else "WRITE"
                line = f"{moment:%H:%M:%S}Z  agent={state.agent}  {what}  key={done.key}  v={done.version}"
                told = "" if done.is_deleted else json.dumps(spell_exact(done.value), ensure_ascii=False)
                if verbose:
                    yield f"{line}  txn={entry.id}  event={entry.position}\n  payload: {told}".rstrip()
                else:
                    yield f"{line}  {told if len(told) <= _LONGEST else told[: _LONGEST - 1] + '…'}".rstrip()

    def close(self) -> None:
        """Let go of the files."""
        self._states.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _entries(self, state: StateKey, start: int | None, end: int | None) -> Iterator[Transaction]:
        after = FactPosition(max(0, (start or 0) - 1))
        with _told():
            yield from self._states.facts.read(state, after, None if end is None else FactPosition(end))

    def _key(self, agent: str, namespace: str | None) -> StateKey:
        with _told():
            return state_key(self._states.tenant, self._states.project, namespace or self._namespace, agent)


def _result(key: str, fact: Fact | None) -> StateResult:
    if fact is None:
        return StateResult(value=None, version=0, commit_ts=0, exists=False, key=key)
    return StateResult(fact.value, fact.version, fact.position, not fact.is_deleted, key)


def _event(state: StateKey, entry: Transaction) -> ReplayEvent:
    operations = [Operation(done.key, done.value, done.version) for done in entry.operations]
    return ReplayEvent(entry.id, entry.position, operations, state.namespace, state.agent)


@contextmanager
def _told(usual: Callable[[str], StatehouseError] = StatehouseError) -> Generator[None]:
    """Raise what programs written for that client catch; the cause stays."""
    try:
        yield
    except NotFound as error:
        raise StatehouseNotFoundError(str(error)) from error
    except Unavailable as error:
        raise (StatehouseConnectionError if usual is StatehouseError else usual)(str(error)) from error
    except AgentReplayError as error:
        raise usual(str(error)) from error
