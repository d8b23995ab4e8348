"""The facts of a store as calls of the program: recorded, and on replay served, so that nothing is committed twice."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from agentreplay.core import state as asking
from agentreplay.model.fact import Compacted, Draft, Fact, FactPosition, StateKey, Transaction
from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.page import Page, PageRequest
from agentreplay.model.time import Nanoseconds
from agentreplay.sdk.functions import database
from agentreplay.store.protocol import Facts

__all__ = ["RecordedFacts"]

T = TypeVar("T")

_FIRST_PAGE = PageRequest()
_START = FactPosition(0)


@dataclass(frozen=True)
class _Desk:
    """What performs a call. It is no part of what is asked: functions that are calls do not tell of their `self`."""

    open_facts: Callable[[], Facts]
    state: StateKey
    draft: Draft | None = None
    patience: Nanoseconds | None = None


class RecordedFacts:
    """The port `Facts` for a program that may be recorded or replayed. The store is opened when it is first needed."""

    def __init__(self, open_facts: Callable[[], Facts]) -> None:
        self._open = open_facts

    def commit(self, draft: Draft, patience: Nanoseconds | None = None) -> Transaction:
        """See the protocol."""
        edits = [
            [edit.namespace, edit.agent, edit.key, *(() if edit.is_deleted else (edit.value,))] for edit in draft.edits
        ]
        conditions = [[one.namespace, one.agent, one.key, one.version] for one in draft.conditions]
        desk = _Desk(self._open, StateKey(draft.tenant, draft.project, "", ""), draft, patience)
        return _again(_commit(desk, edits, conditions, draft.idempotency), Transaction)

    def position(self, moment: Nanoseconds | None = None) -> FactPosition:
        """See the protocol."""
        return FactPosition(_position(_Desk(self._open, StateKey(TenantId(""), ProjectId(""), "", "")), moment))

    def states(self, tenant: TenantId, project: ProjectId, session: SessionId | None = None) -> Sequence[StateKey]:
        """See the protocol."""
        return self._open().states(tenant, project, session)

    def get(self, state: StateKey, key: str, at: FactPosition | None = None) -> Fact | None:
        """See the protocol."""
        told = _get(_Desk(self._open, state), state.namespace, state.agent, key, at)
        return None if told is None else _again(told, Fact)

    def version(self, state: StateKey, key: str, version: int) -> Fact | None:
        """See the protocol."""
        told = _version(_Desk(self._open, state), state.namespace, state.agent, key, version)
        return None if told is None else _again(told, Fact)

    def history(self, state: StateKey, key: str, request: PageRequest = _FIRST_PAGE) -> Page[Fact]:
        """See the protocol."""
        told = _history(_Desk(self._open, state), state.namespace, state.agent, key, request.limit, request.after)
        return _again(told, Page[Fact])

    def keys(self, state: StateKey, prefix: str = "", request: PageRequest = _FIRST_PAGE) -> Page[str]:
        """See the protocol."""
        told = _keys(_Desk(self._open, state), state.namespace, state.agent, prefix, request.limit, request.after)
        return _again(told, Page[str])

    def find(self, state: StateKey, prefix: str = "", request: PageRequest = _FIRST_PAGE) -> Page[Fact]:
        """See the protocol."""
        told = _find(_Desk(self._open, state), state.namespace, state.agent, prefix, request.limit, request.after)
        return _again(told, Page[Fact])

    def whole(self, state: StateKey, at: FactPosition | None = None) -> Mapping[str, Fact]:
        """See the protocol."""
        return _again(_whole(_Desk(self._open, state), state.namespace, state.agent, at), dict[str, Fact])

    def read(
        self, state: StateKey, after: FactPosition = _START, until: FactPosition | None = None
    ) -> Iterator[Transaction]:
        """See the protocol."""
        for told in _read(_Desk(self._open, state), state.namespace, state.agent, after, until):
            yield _again(told, Transaction)

    def watch(self, state: StateKey, after: FactPosition | None = None) -> Iterator[Transaction]:
        """See `core.state.watch`."""
        for told in _watch(_Desk(self._open, state), state.namespace, state.agent, after):
            yield _again(told, Transaction)

    def compact(self, state: StateKey, before: FactPosition, keeping: Sequence[FactPosition] = ()) -> Compacted:
        """See the protocol."""
        told = _compact(_Desk(self._open, state), state.namespace, state.agent, before, list(keeping))
        return _again(told, Compacted)


# Namespace and agent are told beside the state, because `self` is not.


@database("state.commit")
def _commit(self: _Desk, edits: list[Any], conditions: list[Any], idempotency: str) -> Any:
    del edits, conditions, idempotency
    if self.draft is None:
        raise AssertionError("a commit has a draft")
    return _plain(self.open_facts().commit(self.draft, self.patience))


@database("state.position")
def _position(self: _Desk, moment: int | None) -> int:
    return self.open_facts().position(None if moment is None else Nanoseconds(moment))


@database("state.get")
def _get(self: _Desk, namespace: str, agent: str, key: str, at: FactPosition | None) -> Any:
    del namespace, agent
    return _plain(self.open_facts().get(self.state, key, at))


@database("state.version")
def _version(self: _Desk, namespace: str, agent: str, key: str, version: int) -> Any:
    del namespace, agent
    return _plain(self.open_facts().version(self.state, key, version))


@database("state.history")
def _history(self: _Desk, namespace: str, agent: str, key: str, limit: int, after: Any) -> Any:  # noqa: PLR0913, PLR0917
    del namespace, agent
    return _plain(self.open_facts().history(self.state, key, PageRequest(limit=limit, after=after)))


@database("state.keys")
def _keys(self: _Desk, namespace: str, agent: str, prefix: str, limit: int, after: Any) -> Any:  # noqa: PLR0913, PLR0917
    del namespace, agent
    return _plain(self.open_facts().keys(self.state, prefix, PageRequest(limit=limit, after=after)))


@database("state.find")
def _find(self: _Desk, namespace: str, agent: str, prefix: str, limit: int, after: Any) -> Any:  # noqa: PLR0913, PLR0917
    del namespace, agent
    return _plain(self.open_facts().find(self.state, prefix, PageRequest(limit=limit, after=after)))


@database("state.whole")
def _whole(self: _Desk, namespace: str, agent: str, at: FactPosition | None) -> Any:
    del namespace, agent
    return _plain(self.open_facts().whole(self.state, at))


@database("state.read")
def _read(self: _Desk, namespace: str, agent: str, after: FactPosition, until: FactPosition | None) -> Iterator[Any]:
    del namespace, agent
    for entry in self.open_facts().read(self.state, after, until):
        yield _plain(entry)


@database("state.watch")
def _watch(self: _Desk, namespace: str, agent: str, after: FactPosition | None) -> Iterator[Any]:
    del namespace, agent
    for entry in asking.watch(self.open_facts(), self.state, after):
        yield _plain(entry)


@database("state.compact")
def _compact(self: _Desk, namespace: str, agent: str, before: FactPosition, keeping: list[FactPosition]) -> Any:
    del namespace, agent
    return _plain(self.open_facts().compact(self.state, before, keeping))


def _plain(value: object) -> Any:
    """As maps and lists that a tape can keep; values of facts stay what they are."""
    return msgspec.to_builtins(value, builtin_types=(bytes,))


def _again(told: Any, kind: type[T]) -> T:
    return msgspec.convert(told, kind)
