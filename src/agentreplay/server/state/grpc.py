"""The service of state.proto, on the event loop of the server; what asks the store does so in a thread."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from importlib.metadata import version
from itertools import islice
from typing import Any, NamedTuple, cast

import grpc

from agentreplay.core import state as asking
from agentreplay.core.exact import read_exact, spell_exact
from agentreplay.core.state_messages import Method, message, methods, service
from agentreplay.errors import AgentReplayError, KeyWrong, ValueInvalid
from agentreplay.model.fact import Fact, FactPosition, StateKey, Transaction, check_key, state_key
from agentreplay.model.ids import ProjectId, TenantId, check_name
from agentreplay.model.page import Cursor, PageRequest
from agentreplay.model.time import Nanoseconds
from agentreplay.server.arriving import in_time
from agentreplay.server.keys import KeyCheck
from agentreplay.server.otlp.receive import PROJECT_HEADERS
from agentreplay.server.otlp.status import code_of
from agentreplay.server.readers import in_reader
from agentreplay.server.reply import failure_of
from agentreplay.server.state.following import followed
from agentreplay.server.state.transactions import OpenTransactions
from agentreplay.settings import Settings
from agentreplay.store.protocol import Facts

__all__ = ["state_handler"]

_CODES = {code.value[0]: code for code in grpc.StatusCode}
_MILLISECOND = 1_000_000
_AT_ONCE = 64
_KEYS = 1_000

_Context = Any
"""What gRPC tells of a call; its types are those of the messages, which are made as we go."""

_Stream = Iterator[Any] | AsyncIterator[Any]


class _Asked(NamedTuple):
    """A request, and whose data it is about."""

    tenant: TenantId
    project: ProjectId
    request: Any

    @property
    def namespace(self) -> str:
        return str(self.request.namespace) or "default"

    @property
    def state(self) -> StateKey:
        return state_key(self.tenant, self.project, self.namespace, self.request.agent_id)

    def given(self, field: str) -> Any:
        """What an optional field holds, or None."""
        return getattr(self.request, field) if self.request.HasField(field) else None


def state_handler(settings: Settings, facts: Facts, keys: KeyCheck) -> "grpc.GenericRpcHandler[Any, Any]":
    """What answers the methods of the service."""
    answers = _Answers(facts)
    gate = _Gate(settings, keys)
    handlers: dict[str, Any] = {}
    for method in methods():
        kind = "unary_stream" if method.is_stream else "unary_unary"
        make: Any = getattr(grpc, f"{kind}_rpc_method_handler")
        wrap = gate.stream if method.is_stream else gate.answer
        handler = make(
            wrap(getattr(answers, _snake(method))),
            request_deserializer=method.request.FromString,
            response_serializer=method.answer.SerializeToString,
        )
        handlers[method.name] = in_time(handler)
    make_handler = cast("Any", grpc.method_handlers_generic_handler)
    return cast("grpc.GenericRpcHandler[Any, Any]", make_handler(service(), handlers))


class _Gate:
    """Lets in whoever has the key, and tells what goes wrong."""

    def __init__(self, settings: Settings, keys: KeyCheck) -> None:
        self._settings = settings
        self._keys = keys

    def answer(self, perform: Callable[[_Asked], Any]) -> Callable[[Any, _Context], Awaitable[Any]]:
        """A method that answers once; it is performed in a thread."""

        async def run(request: Any, context: _Context) -> Any:
            try:
                return await in_reader(perform, self._asked(request, context))
            except AgentReplayError as error:
                await _refuse(context, error)

        return run

    def stream(
        self, perform: Callable[[_Asked], Iterator[Any] | AsyncIterator[Any]]
    ) -> Callable[[Any, _Context], AsyncGenerator[Any]]:
        """A method that answers with a stream: as much is read as whoever listens takes, and a little more."""

        async def run(request: Any, context: _Context) -> AsyncGenerator[Any]:
            try:
                messages = await in_reader(perform, self._asked(request, context))
                if isinstance(messages, AsyncIterator):
                    async for one in messages:
                        yield one
                    return
                while True:
                    found = await in_reader(_some, messages)
                    for one in found:
                        yield one
                    if not found:
                        return
            except AgentReplayError as error:
                await _refuse(context, error)

        return run

    def _asked(self, request: Any, context: _Context) -> _Asked:
        headers = {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
        if not self._keys.fits(headers):
            raise KeyWrong
        project = next((headers[name] for name in PROJECT_HEADERS if headers.get(name)), self._settings.project)
        check_name(project, "the project")
        return _Asked(TenantId(self._settings.tenant), ProjectId(project), request)


class _Answers:
    """What each method does: a function of its name."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._transactions = OpenTransactions(facts)

    def health(self, _: _Asked) -> Any:
        return message("HealthResponse")(status="ok", position=self._facts.position())

    def version(self, _: _Asked) -> Any:
        return message("VersionResponse")(version=version("agentreplay"))

    def begin_transaction(self, asked: _Asked) -> Any:
        timeout = asked.given("timeout_ms")
        wanted = None if timeout is None else Nanoseconds(timeout * _MILLISECOND)
        id_ = self._transactions.begin(asked.tenant, asked.project, wanted)
        return message("BeginTransactionResponse")(txn_id=id_)

    def read(self, asked: _Asked) -> Any:
        request, transaction = asked.request, self._transaction(asked)
        return _state(request.key, transaction.get(asked.namespace, request.agent_id, request.key))

    def write(self, asked: _Asked) -> Any:
        request = asked.request
        names = (asked.namespace, request.agent_id, request.key)
        self._transaction(asked).write(*names, _value(request.value), expected=asked.given("expected"))
        return message("WriteResponse")()

    def delete(self, asked: _Asked) -> Any:
        names = (asked.namespace, asked.request.agent_id, asked.request.key)
        self._transaction(asked).delete(*names, expected=asked.given("expected"))
        return message("DeleteResponse")()

    def commit(self, asked: _Asked) -> Any:
        done = self._transaction(asked).commit(asked.request.idempotency)
        versions = [operation.version for operation in done.operations]
        return message("CommitResponse")(commit_ts=done.position, committed=str(done.committed), versions=versions)

    def abort(self, asked: _Asked) -> Any:
        self._transaction(asked).abort()
        return message("AbortResponse")()

    def get_state(self, asked: _Asked) -> Any:
        key = check_key(asked.request.key)
        return _state(key, self._facts.get(asked.state, key, _position(asked.given("at"))))

    def get_state_at_version(self, asked: _Asked) -> Any:
        request = asked.request
        fact = asking.at_version(self._facts, asked.state, request.key, _number(request.version))
        return _state(request.key, fact)

    def list_keys(self, asked: _Asked) -> Any:
        request = asked.request
        wanted = PageRequest(limit=request.limit or _KEYS, after=Cursor(request.after) if request.after else None)
        page = self._facts.keys(asked.state, request.prefix, wanted)
        return message("ListKeysResponse")(keys=page.items, has_more=page.next is not None)

    def scan_prefix(self, asked: _Asked) -> Iterator[Any]:
        at, prefix = _position(asked.given("at")), asked.request.prefix
        state = asked.state
        if at is None:
            facts = asking.each(partial(self._facts.find, state, prefix))
        else:
            facts = (fact for key, fact in self._facts.whole(state, at).items() if key.startswith(prefix))
        return (_state(fact.key, fact) for fact in facts)

    def replay(self, asked: _Asked) -> Iterator[Any]:
        start = FactPosition(max(0, (_position(asked.given("start_ts")) or 0) - 1))
        return map(_event, self._facts.read(asked.state, start, _position(asked.given("end_ts"))))

    def watch(self, asked: _Asked) -> AsyncIterator[Any]:
        entries = followed(self._facts, asked.state, _position(asked.given("after")))
        return (_event(entry) async for entry in entries)

    def _transaction(self, asked: _Asked) -> Any:
        return self._transactions.get(asked.tenant, asked.project, asked.request.txn_id)


async def _refuse(context: _Context, error: AgentReplayError) -> None:
    failure = failure_of(error)
    told = [("agentreplay-error", failure.kind), ("agentreplay-hint-bin", failure.hint.encode())]
    await context.abort(_CODES[code_of(failure.status)], failure.message, tuple(told))


def _some(messages: Iterator[Any]) -> list[Any]:
    return list(islice(messages, _AT_ONCE))


def _state(key: str, fact: Fact | None) -> Any:
    if fact is None:
        return message("StateResponse")(key=key)
    told = None if fact.is_deleted else _spelled(fact.value)
    return message("StateResponse")(
        key=key, value=told, version=fact.version, commit_ts=fact.position, exists=not fact.is_deleted
    )


def _event(entry: Transaction) -> Any:
    operations = [
        message("Operation")(
            key=done.key, version=done.version, value=None if done.is_deleted else _spelled(done.value)
        )
        for done in entry.operations
    ]
    author = entry.author
    return message("Event")(
        txn_id=entry.id,
        commit_ts=entry.position,
        committed=str(entry.committed),
        operations=operations,
        session="" if author is None else author.session,
        trace_id="" if author is None else author.trace_id or "",
        span_id="" if author is None else author.span_id or "",
    )


def _spelled(value: Any) -> str:
    return json.dumps(spell_exact(value), ensure_ascii=False, separators=(",", ":"))


def _value(text: str) -> Any:
    try:
        told = json.loads(text)
    except ValueError as error:
        raise ValueInvalid(what="the value", problem=f"it is no JSON: {error}") from error
    return read_exact(told)


def _position(number: int | None) -> FactPosition | None:
    return None if number is None else FactPosition(_number(number))


def _number(number: int) -> int:
    if number >= 1 << 62:
        raise ValueInvalid(what="the number", problem=f"{number} is too large")
    return number


def _snake(method: Method) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in method.name).lstrip("_")
