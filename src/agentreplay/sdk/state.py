"""`State`: what an agent holds to be so, versioned and kept, for programs in which agents run."""

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from agentreplay.core import state as asking
from agentreplay.core.state_dump import dump, load
from agentreplay.core.state_transaction import TIMEOUT, OpenTransaction, new_transaction_id
from agentreplay.errors import FactMissing, ValueInvalid
from agentreplay.model.fact import Author, Compacted, Fact, FactPosition, Transaction, check_key, state_key
from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.session import SessionKey
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.model.values import Value
from agentreplay.sdk.recorder import Recorder
from agentreplay.sdk.scope import scope
from agentreplay.sdk.session import settings_in_force
from agentreplay.sdk.state_calls import RecordedFacts
from agentreplay.settings import Durability, Settings
from agentreplay.store.protocol import Facts, Store
from agentreplay.store.registry import open_store

__all__ = ["State", "StateTransaction", "States", "author"]

_now = time.time_ns
_random = os.urandom
_START = FactPosition(0)
_ABSENT: Any = object()


def author() -> Author | None:
    """The session and the span that are being recorded here, or None."""
    around = scope()
    recorder = around.boundary.recorder if around.boundary is not None else None
    if not isinstance(recorder, Recorder):
        return None
    place = recorder.place
    return Author(session=place.session, trace_id=place.trace_id, span_id=around.span_id or place.parent)


class States:
    """The states of a project in the data folder of this machine. Safe to share between threads and after a fork."""

    def __init__(
        self, *, db_path: str | os.PathLike[str] | None = None, project: str | None = None, tenant: str | None = None
    ) -> None:
        settings = settings_in_force()
        self.tenant = TenantId(tenant or settings.tenant)
        self.project = ProjectId(project or settings.project)
        self._folder = settings.db_path if db_path is None else Path(db_path).expanduser()
        self._durability: Durability = settings.durability
        self._opened: tuple[int, Store] | None = None
        self.facts = RecordedFacts(self._open_facts)
        """The port; in a recording every use of it is a call."""

    @property
    def store(self) -> Store:
        """The store, opened when it is first asked for: a replay needs none."""
        # A connection to SQLite must not be used by a process that was forked off.
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = (os.getpid(), open_store(self._folder, durability=self._durability))
        return self._opened[1]

    def settings(self) -> Settings:
        """The settings in force, with the data folder and the project of these states."""
        return replace(settings_in_force(), db_path=self._folder, tenant=self.tenant, project=self.project)

    def begin(self, timeout: float = TIMEOUT / SECOND) -> OpenTransaction:
        """A transaction on any states of the project; it may take so many seconds."""
        return OpenTransaction(
            self.facts,
            self.tenant,
            self.project,
            transaction=new_transaction_id(Nanoseconds(_now()), _random(10)),
            timeout=Nanoseconds(int(timeout * SECOND)),
            author=author,
        )

    def close(self) -> None:
        """Let go of the files. Closing twice is harmless."""
        if self._opened is not None and self._opened[0] == os.getpid():
            self._opened[1].close()
        self._opened = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open_facts(self) -> Facts:
        return self.store.facts


class StateTransaction:
    """A transaction on the state of one agent; see `OpenTransaction` for what it promises."""

    def __init__(self, opened: OpenTransaction, namespace: str, agent: str) -> None:
        self.opened = opened
        self._place = (namespace, agent)

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key here."""
        fact = self.opened.get(*self._place, key)
        return default if fact is None else fact.value

    def scan(self, prefix: str = "") -> dict[str, Value]:
        """The values under the keys that begin so."""
        return {key: fact.value for key, fact in self.opened.scan(*self._place, prefix).items()}

    def write(self, key: str, value: Value, *, expected: int | None = None) -> None:
        """Give a key a value; with `expected` only if it has that version then, or with 0 only if it holds nothing."""
        self.opened.write(*self._place, key, value, expected=expected)

    def delete(self, key: str, *, expected: int | None = None) -> None:
        """Delete a key; with `expected` likewise."""
        self.opened.delete(*self._place, key, expected=expected)

    def commit(self, idempotency: str = "") -> Transaction:
        """Do it all, or raise FactConflict and do nothing. With the same idempotency key it is done once only."""
        return self.opened.commit(idempotency)

    def abort(self) -> None:
        """Do nothing of it."""
        self.opened.abort()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self.opened.__exit__(kind, *rest)


class State:
    """The state of one agent in one namespace: facts under keys, with all their versions.

    It lives in the data folder of this machine, which any number of processes share. Inside a recording each use is a
    call: a replay is served what was read, commits nothing, and what is committed names its session and span.
    """

    def __init__(
        self,
        agent: str,
        namespace: str = "default",
        *,
        db_path: str | os.PathLike[str] | None = None,
        project: str | None = None,
        tenant: str | None = None,
    ) -> None:
        self._states = States(db_path=db_path, project=project, tenant=tenant)
        self.key = state_key(self._states.tenant, self._states.project, namespace, agent)

    def begin(self, timeout: float = TIMEOUT / SECOND) -> StateTransaction:
        """A transaction, which may take so many seconds. As a context manager it commits, or aborts on an exception."""
        return StateTransaction(self._states.begin(timeout), self.key.namespace, self.key.agent)

    def write(self, key: str, value: Value, *, expected: int | None = None) -> Transaction:
        """Give a key a value, in a transaction of its own."""
        with self.begin() as transaction:
            transaction.write(key, value, expected=expected)
            return transaction.commit()

    def delete(self, key: str, *, expected: int | None = None) -> Transaction:
        """Delete a key, in a transaction of its own."""
        with self.begin() as transaction:
            transaction.delete(key, expected=expected)
            return transaction.commit()

    def get(self, key: str, default: Any = _ABSENT) -> Any:
        """The value of a key; raises FactMissing when it holds nothing and no default is given."""
        try:
            return asking.get(self._facts, self.key, key).value
        except FactMissing:
            if default is _ABSENT:
                raise
            return default

    def fact(self, key: str, at: FactPosition | None = None) -> Fact | None:
        """What a key holds, or held at a position, with its version and time; None when it never held anything."""
        return self._facts.get(self.key, check_key(key), at)

    def get_at_version(self, key: str, version: int) -> Fact:
        """One version of a fact; raises VersionMissing."""
        return asking.at_version(self._facts, self.key, key, version)

    def get_at(
        self,
        *,
        position: int | None = None,
        time_ns: int | None = None,
        session: str | None = None,
        step: int | None = None,
    ) -> dict[str, Value]:
        """The whole state as it was at a position, at a time, or when a session began a step."""
        place = self.place(position=position, time_ns=time_ns, session=session, step=step)
        return {key: fact.value for key, fact in self._facts.whole(self.key, place).items()}

    def place(
        self,
        *,
        position: int | None = None,
        time_ns: int | None = None,
        session: str | None = None,
        step: int | None = None,
    ) -> FactPosition:
        """The position that is meant so; now without any."""
        match position, time_ns, session, step:
            case None, None, None, None:
                return self._facts.position()
            case int(), None, None, None:
                return FactPosition(position)
            case None, int(), None, None:
                return self._facts.position(Nanoseconds(time_ns))
            case None, None, str(), int():
                store = self._states.store
                store.drain()
                return asking.at_step(store, SessionKey(*self.key[:2], SessionId(session)), step)
            case _:
                raise ValueInvalid(what="the place", problem="give a position, or a time, or a session and a step")

    def list_keys(self, prefix: str = "") -> list[str]:
        """The keys that hold something and begin so, in order."""
        return list(self.scan_prefix(prefix))

    def scan_prefix(self, prefix: str = "") -> dict[str, Value]:
        """The values under the keys that begin so, in the order of keys."""
        facts = asking.each(lambda request: self._facts.find(self.key, prefix, request))
        return {fact.key: fact.value for fact in facts}

    def history(self, key: str) -> Iterator[Fact]:
        """All versions of a fact, newest first, deletions among them."""
        return asking.each(lambda request: self._facts.history(self.key, check_key(key), request))

    def diff(self, before: int, after: int | None = None) -> Sequence[asking.Difference]:
        """Which keys hold something else at one position than at another, or now."""
        end = self._facts.position() if after is None else FactPosition(after)
        whole = self._facts.whole
        return asking.diff(whole(self.key, FactPosition(before)), whole(self.key, end))

    def replay(self, after: int = _START, until: int | None = None) -> Iterator[Transaction]:
        """The transactions behind a position up to another, in order and in constant memory; left at any time."""
        end = None if until is None else FactPosition(until)
        return self._facts.read(self.key, FactPosition(after), end)

    def watch(self, after: int | None = None) -> Iterator[Transaction]:
        """The transactions behind a position, or from now on, as they come; without end."""
        return self._facts.watch(self.key, None if after is None else FactPosition(after))

    def compact(self, before: int, keeping: Iterable[int] = ()) -> Compacted:
        """Leave out of the log what only states before a position need, except for those at the kept positions."""
        return self._facts.compact(self.key, FactPosition(before), [FactPosition(place) for place in keeping])

    def dump(self) -> Iterator[str]:
        """The state as lines of JSON, which `load` writes again exactly."""
        return dump(self._facts, [self.key])

    def load(self, lines: Iterable[str]) -> Transaction:
        """Write all facts of a dump in one transaction, each to the agent and namespace it names."""
        return load(self._states.begin(), lines)

    def close(self) -> None:
        """Let go of the files. Closing twice is harmless."""
        self._states.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _facts(self) -> RecordedFacts:
        return self._states.facts
