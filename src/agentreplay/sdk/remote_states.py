"""The states of agents on a server, over gRPC: as much of the port `Facts` as the client named Statehouse asks."""

import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, cast

from agentreplay.core.exact import read_exact, spell_exact
from agentreplay.core.state_transaction import TIMEOUT, OpenTransaction, new_transaction_id
from agentreplay.errors import (
    AgentReplayError,
    ServerBusy,
    ServerContradicts,
    ServerFailed,
    ServerLacks,
    ServerMissing,
    ServerRefused,
)
from agentreplay.model.fact import Author, Draft, Fact, FactPosition, Operation, StateKey, Transaction, TransactionId
from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId, TraceId
from agentreplay.model.page import Page, PageRequest
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.model.values import Value
from agentreplay.sdk.session import settings_in_force
from agentreplay.sdk.state import author
from agentreplay.sdk.state_calls import RecordedFacts
from agentreplay.store.protocol import Facts

__all__ = ["RemoteFacts", "RemoteStates", "server_address"]

_ADDRESS = re.compile(r"(?:(?:https?|grpc)://)?((?:[\w.-]+|\[[0-9a-fA-F:]+\]):\d+)/?")
_TIMEOUT = 60.0
"""Seconds for one answer. A stream may last."""
_ANY_SIZE = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
_MILLISECOND = 1_000_000
_FIRST_PAGE = PageRequest()
_START = FactPosition(0)
_now = time.time_ns
_random = os.urandom
_ERRORS: Mapping[str, type[AgentReplayError]] = {
    "NOT_FOUND": ServerLacks,
    "ABORTED": ServerContradicts,
    "RESOURCE_EXHAUSTED": ServerBusy,
    "UNAVAILABLE": ServerBusy,
    "DEADLINE_EXCEEDED": ServerBusy,
    "INVALID_ARGUMENT": ServerRefused,
    "UNAUTHENTICATED": ServerRefused,
    "PERMISSION_DENIED": ServerRefused,
}


def server_address(url: str) -> str | None:
    """The `HOST:PORT` that a URL names; None where it names none, but a folder."""
    found = _ADDRESS.fullmatch(url)
    return None if found is None else found[1]


class RemoteStates:
    """The states of a project on a server. Safe to share between threads and after a fork.

    In a recording each use is a call, as it is of those on this machine. Who committed is not told to the server.
    """

    def __init__(self, address: str) -> None:
        settings = settings_in_force()
        self.tenant = TenantId(settings.tenant)
        self.project = ProjectId(settings.project)
        self._remote = RemoteFacts(address, self.project, settings.key)
        # What is not there of the port, nobody who comes this way asks.
        self.facts = RecordedFacts(cast("Callable[[], Facts]", lambda: self._remote))

    def begin(self, timeout: float = TIMEOUT / SECOND) -> OpenTransaction:
        """A transaction, which is told to the server when it is committed."""
        return OpenTransaction(
            self.facts,
            self.tenant,
            self.project,
            transaction=new_transaction_id(Nanoseconds(_now()), _random(10)),
            timeout=Nanoseconds(int(timeout * SECOND)),
            author=author,
        )

    def close(self) -> None:
        """Let go of the connection. Closing twice is harmless."""
        self._remote.close()


class RemoteFacts:
    """Asks the service of state.proto. Each method is that of the port `Facts`."""

    def __init__(self, address: str, project: ProjectId, key: str) -> None:
        self._address = address
        self._metadata = [("x-agentreplay-project", project), *([("x-agentreplay-key", key)] if key else [])]
        self._opened: tuple[int, Any, dict[str, Any]] | None = None

    def commit(self, draft: Draft, patience: Nanoseconds | None = None) -> Transaction:
        """See the protocol. The server gives the transaction its id."""
        timeout = None if patience is None else max(1, patience // _MILLISECOND)
        opened = self._ask("BeginTransaction", timeout_ms=timeout).txn_id
        expected = {(one.namespace, one.agent, one.key): one.version for one in draft.conditions}
        edits = [edit for edits in draft.by_state().values() for edit in edits]
        for edit in edits:
            place = {"txn_id": opened, "namespace": edit.namespace, "agent_id": edit.agent, "key": edit.key}
            version = expected.get((edit.namespace, edit.agent, edit.key))
            if edit.is_deleted:
                self._ask("Delete", **place, expected=version)
            else:
                self._ask("Write", **place, value=_spelled(edit.value), expected=version)
        done = self._ask("Commit", txn_id=opened, idempotency=draft.idempotency)
        operations = tuple(
            Operation(edit.key, version, edit.value, edit.is_deleted)
            for edit, version in zip(edits, done.versions, strict=True)
        )
        return Transaction(
            TransactionId(opened), FactPosition(done.commit_ts), Nanoseconds(int(done.committed)), operations
        )

    def position(self, moment: None = None) -> FactPosition:
        """The position of the last transaction."""
        del moment
        return FactPosition(self._ask("Health").position)

    def get(self, state: StateKey, key: str, at: FactPosition | None = None) -> Fact | None:
        """See the protocol."""
        return _fact(self._ask("GetState", **_names(state), key=key, at=at))

    def version(self, state: StateKey, key: str, version: int) -> Fact | None:
        """See the protocol."""
        try:
            return _fact(self._ask("GetStateAtVersion", **_names(state), key=key, version=version))
        except ServerLacks:
            return None

    def whole(self, state: StateKey, at: FactPosition | None = None) -> Mapping[str, Fact]:
        """See the protocol."""
        return {fact.key: fact for fact in self._scan(state, "", at)}

    def find(self, state: StateKey, prefix: str = "", request: PageRequest = _FIRST_PAGE) -> Page[Fact]:
        """See the protocol; all of them are on one page, as they come in one stream."""
        del request
        return Page(items=tuple(self._scan(state, prefix, None)))

    def read(
        self, state: StateKey, after: FactPosition = _START, until: FactPosition | None = None
    ) -> Iterator[Transaction]:
        """See the protocol. The server goes no faster than what it tells is read."""
        for event in self._stream("Replay", **_names(state), start_ts=after + 1, end_ts=until):
            yield _transaction(event)

    def close(self) -> None:
        """Let go of the connection."""
        if self._opened is not None and self._opened[0] == os.getpid():
            self._opened[1].close()
        self._opened = None

    def _scan(self, state: StateKey, prefix: str, at: FactPosition | None) -> Iterator[Fact]:
        for told in self._stream("ScanPrefix", **_names(state), prefix=prefix, at=at):
            if (fact := _fact(told)) is not None:
                yield fact

    def _ask(self, name: str, **fields: Any) -> Any:
        method, request = self._method(name, fields)
        try:
            return method(request, timeout=_TIMEOUT, metadata=self._metadata)
        except import_module("grpc").RpcError as error:
            raise self._failure(error) from error

    def _stream(self, name: str, **fields: Any) -> Iterator[Any]:
        method, request = self._method(name, fields)
        answers = method(request, metadata=self._metadata)
        try:
            yield from answers
        except import_module("grpc").RpcError as error:
            raise self._failure(error) from error
        finally:
            answers.cancel()

    def _method(self, name: str, fields: Mapping[str, Any]) -> tuple[Any, Any]:
        # A connection must not be used by a process that was forked off.
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = (os.getpid(), *self._open())
        method, kind = self._opened[2][name]
        return method, kind(**{field: value for field, value in fields.items() if value is not None})

    def _open(self) -> tuple[Any, dict[str, Any]]:
        # Both are heavy, and who uses the states of this machine needs neither.
        grpc, messages = import_module("grpc"), import_module("agentreplay.core.state_messages")
        channel = grpc.insecure_channel(self._address, options=_ANY_SIZE)
        methods: dict[str, Any] = {}
        for method in messages.methods():
            make = channel.unary_stream if method.is_stream else channel.unary_unary
            path = f"/{messages.service()}/{method.name}"
            methods[method.name] = (
                make(path, method.request.SerializeToString, method.answer.FromString),
                method.request,
            )
        return channel, methods

    def _failure(self, error: Any) -> AgentReplayError:
        """What the server says is wrong, as an error of ours; its own name stands before it."""
        told = {one.key: one.value for one in error.trailing_metadata() or ()}
        name, problem = told.get("agentreplay-error"), error.details()
        if name is None and error.code().name == "UNAVAILABLE":
            return ServerMissing(address=self._address, problem=problem)
        advice = bytes(told.get("agentreplay-hint-bin", b"")).decode("utf-8", "replace")
        kind = _ERRORS.get(error.code().name, ServerFailed)
        return kind(problem=f"{problem} ({name})" if name else problem, advice=advice)


def _names(state: StateKey) -> dict[str, str]:
    return {"namespace": state.namespace, "agent_id": state.agent}


def _fact(told: Any) -> Fact | None:
    """What a key holds; when it was committed is not told with it."""
    if not told.version:
        return None
    value = _read(told.value) if told.exists else None
    return Fact(told.key, told.version, value, FactPosition(told.commit_ts), Nanoseconds(0), not told.exists)


def _transaction(event: Any) -> Transaction:
    operations = tuple(
        Operation(done.key, done.version, _read(done.value))
        if done.HasField("value")
        else Operation(done.key, done.version, None, is_deleted=True)
        for done in event.operations
    )
    made_by = None
    if event.session:
        trace, span = event.trace_id or None, event.span_id or None
        made_by = Author(
            session=SessionId(event.session),
            trace_id=None if trace is None else TraceId(trace),
            span_id=None if span is None else SpanId(span),
        )
    position = FactPosition(event.commit_ts)
    return Transaction(TransactionId(event.txn_id), position, Nanoseconds(int(event.committed)), operations, made_by)


def _spelled(value: Value) -> str:
    return json.dumps(spell_exact(value), ensure_ascii=False, separators=(",", ":"))


def _read(text: str) -> Value:
    return read_exact(json.loads(text))
