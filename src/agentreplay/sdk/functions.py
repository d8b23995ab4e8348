"""Functions of the program as steps and as calls: decorators for plain, async and generator functions."""

import inspect
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from typing import Any, TypeVar, cast, overload

from agentreplay.model.call import Answer, Request
from agentreplay.model.values import Value
from agentreplay.sdk import scope, tasks
from agentreplay.sdk.boundary import Pending
from agentreplay.sdk.keeping import Noted
from agentreplay.sdk.places import is_own
from agentreplay.sdk.plain import NotPlain, freeze, sketch, thaw
from agentreplay.sdk.printing import Printing, listen, print_again
from agentreplay.sdk.recorder import count_trouble
from agentreplay.sdk.sources import code_digest
from agentreplay.sdk.spans import RecordedSpan, around
from agentreplay.sdk.stream import Stream
from agentreplay.sdk.wrapping import Served, accompanied

__all__ = ["agent", "call", "database", "memory", "retriever", "step", "tool"]

F = TypeVar("F", bound=Callable[..., Any])

_ITEMS = "application/x-ndjson"
"""The items of a generator, one to a line."""


class _Decorator:
    """A decorator that is used with or without a name: `@step` and `@step("plan")`."""

    def __init__(self, kind: str, *, is_call: bool) -> None:
        self._kind = kind
        self._is_call = is_call
        self.__name__ = kind

    @overload
    def __call__(self, function: F, /) -> F: ...
    @overload
    def __call__(self, name: str | None = None, /) -> Callable[[F], F]: ...
    def __call__(self, function: Any = None, /) -> Any:
        if callable(function):
            return self._wrap(cast("Callable[..., Any]", function), _name_of(function))

        def decorate(found: Callable[..., Any]) -> Any:
            return self._wrap(found, function or _name_of(found))

        return decorate

    def _wrap(self, function: Callable[..., Any], name: str) -> Any:
        wrapper = _as_call if self._is_call else _as_span
        return wrapper(function, name, self._kind)


agent = _Decorator("agent", is_call=False)
"""The function is an agent: what happens in it is its doing."""

step = _Decorator("step", is_call=False)
"""The function is a step."""

tool = _Decorator("tool", is_call=True)
"""The function is a tool: on replay its result is served, unless it is no plain value."""

database = _Decorator("database", is_call=True)
"""The function asks a database, or tells it something; as a tool."""

memory = _Decorator("memory", is_call=True)
"""The function remembers something, or looks for what was remembered; as a tool."""

retriever = _Decorator("retrieval", is_call=True)
"""The function retrieves documents; as a tool."""


def call(name: str, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Any:
    """Call a function as a call that crosses the boundary: recorded, and served on replay."""
    return _as_call(function, name, "tool")(*arguments, **named)


def _as_span(function: Callable[..., Any], name: str, kind: str) -> Any:
    doer = name if kind == "agent" else None

    def make(arguments: tuple[Any, ...], named: dict[str, Any]) -> RecordedSpan:
        del arguments, named
        return RecordedSpan(name, kind, agent=doer)

    return accompanied(function, around(make))


def _as_call(function: Callable[..., Any], name: str, kind: str) -> Any:
    head, asked = _head(function), _Asked(function)

    def accompany(arguments: tuple[Any, ...], named: dict[str, Any]) -> "_Performed | _Answered | None":
        found = scope.boundary()
        if found is None:
            return None
        request = Request(seam=kind, operation=name, head=head, body=asked.body(arguments, named))
        pending = found.begin(request)
        if pending is None:
            return None
        return _Performed(pending) if pending.answer is None else _Answered(pending)

    return accompanied(function, accompany)


class _Performed:
    """One run of a function as a call: what happens in it happens inside of this call."""

    __slots__ = ("_entered", "_inner", "_items", "_pending", "_scope")

    def __init__(self, pending: Pending) -> None:
        self._pending = pending
        self._inner = tasks.Task(f"{pending.address.path}:{pending.address.ordinal}")
        noted = pending.note
        self._scope = None
        if isinstance(noted, Noted):
            pending.printing = Printing(scope.printing())
            self._scope = noted.inside(pending.printing)
        self._items: _Items | None = None

    def __enter__(self) -> None:
        listen(scope.printing)
        outside = None if self._scope is None else scope.enter(self._scope)
        self._entered = (tasks.enter_task(self._inner), outside)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object, /) -> None:
        task, outside = self._entered
        tasks.leave(task)
        if outside is not None:
            scope.leave(outside)

    def yielded(self, item: Any) -> None:
        if self._items is None:
            self._items = _Items(self._pending)
        self._items.add(item)
        if self._pending.printing is not None:
            self._pending.printing.items += 1

    def returned(self, value: Any) -> None:
        if self._items is not None:
            self._items.end(value)
        else:
            self._pending.finish(_answer(value))

    def raised(self, error: BaseException) -> None:
        if self._items is not None:
            self._items.end(error=error)
        else:
            self._pending.fail(error)

    def left(self) -> None:
        (self._items or _Items(self._pending)).end(complete=False)


class _Answered(Served):
    """A run whose recorded answer is served."""

    def __init__(self, pending: Pending) -> None:
        self._pending = pending

    def value(self) -> Any:
        self._print_again()
        self._pending.wait()
        return thaw(self._pending.served.body)

    async def value_async(self) -> Any:
        self._print_again()
        await self._pending.wait_async()
        return thaw(self._pending.served.body)

    def items(self) -> Generator[Any, Any, Any]:
        self._print_again()
        self._pending.wait()
        answer = self._pending.served
        if answer.media != _ITEMS:
            return thaw(answer.body)
        lines = _Lines()
        for piece in self._pending.pieces():
            for item in lines.items(piece):
                yield item
                self._print_again(lines.count)
        returned = answer.head.get("returned")
        return None if returned is None else thaw(str(returned).encode())

    async def items_async(self) -> AsyncIterator[Any]:
        self._print_again()
        await self._pending.wait_async()
        lines = _Lines()
        if self._pending.served.media == _ITEMS:
            async for piece in self._pending.pieces_async():
                for item in lines.items(piece):
                    yield item
                    self._print_again(lines.count)

    def _print_again(self, items: int = 0) -> None:
        if self._pending.served.printed:
            print_again(self._pending.served.printed, items)


class _Items:
    """What a generator yields, kept when it ends or is left."""

    def __init__(self, pending: Pending) -> None:
        self._pending = pending
        self._head: dict[str, Value] = {}
        self._stream: Stream = pending.stream(self._head, _ITEMS)
        self._strange = ""

    def add(self, item: Any) -> None:
        if self._strange:
            return
        try:
            self._stream.chunk(freeze(item) + b"\n")
        except NotPlain:
            self._strange = type(item).__qualname__

    def end(self, value: Any = None, *, error: BaseException | None = None, complete: bool = True) -> None:
        if not self._strange and value is not None:
            try:
                self._head["returned"] = freeze(value).decode()
            except NotPlain:
                self._strange = type(value).__qualname__
        if self._strange:
            self._pending.finish(_live(self._strange, complete=complete))
        else:
            self._stream.end(complete=complete, error=error)


class _Lines:
    """Items out of pieces that need not end where an item does: a secret that was taken out moves their bounds."""

    def __init__(self) -> None:
        self._rest = b""
        self.count = 0
        """How many items came so far."""

    def items(self, piece: bytes) -> Iterator[Any]:
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            self.count += 1
            yield thaw(line)


def _answer(result: Any) -> Answer:
    """The result as it can be served; what is no plain value has to be made again."""
    try:
        return Answer(body=freeze(result))
    except NotPlain:
        return _live(type(result).__qualname__)


def _live(kind: str, *, complete: bool = True) -> Answer:
    return Answer(head={"_type": kind}, is_live=True, complete=complete)


def _head(function: Callable[..., Any]) -> dict[str, Value]:
    code = getattr(inspect.unwrap(function), "__code__", None)
    return {"code": code_digest(code)} if code is not None and is_own(code.co_filename) else {}


def _name_of(function: object) -> str:
    return str(getattr(function, "__name__", type(function).__name__))


class _Asked:
    """The arguments of a function by name."""

    _OBJECTS = frozenset({"self", "cls"})

    def __init__(self, function: Callable[..., Any]) -> None:
        self._signature: inspect.Signature | None = None
        self._names: tuple[str, ...] = ()
        self._may_name_objects = True
        try:
            self._signature = inspect.signature(function)
        except (TypeError, ValueError):
            return
        parameters = self._signature.parameters.values()
        if all(parameter.kind in {parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY} for parameter in parameters):
            self._names = tuple(parameter.name for parameter in parameters)
            # All that can be named then; anything else is an error of the program's.
            self._may_name_objects = not self._OBJECTS.isdisjoint(self._names)

    def body(self, arguments: tuple[Any, ...], named: dict[str, Any]) -> bytes:
        """As JSON; what cannot be kept of them is told by its type."""
        try:
            given = self._given(arguments, named)
            try:
                return freeze(given)
            except NotPlain:
                return freeze({name: sketch(item) for name, item in given.items()})
        except Exception as error:  # noqa: BLE001  # the program must not suffer
            count_trouble(error, "the arguments of a function")
            return b"{}"

    def _given(self, arguments: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
        if self._names and len(arguments) <= len(self._names):
            given = dict(zip(self._names, arguments, strict=False))
            if named:
                given |= named
        elif self._signature is not None:
            try:
                given = self._signature.bind(*arguments, **named).arguments
            except TypeError:  # the function says so itself
                given = {"arguments": arguments, **named}
        else:
            given = {"arguments": arguments, **named}
        if not self._may_name_objects:
            return given
        return {name: item for name, item in given.items() if name not in self._OBJECTS}
