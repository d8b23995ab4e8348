"""Functions of the program as steps and as calls: decorators for plain, async and generator functions."""

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar, cast, overload

from agentreplay.model.call import Answer, Request
from agentreplay.model.values import Value
from agentreplay.sdk import tasks
from agentreplay.sdk.boundary import Pending
from agentreplay.sdk.keeping import Noted
from agentreplay.sdk.places import is_own
from agentreplay.sdk.plain import NotPlain, freeze, sketch, thaw
from agentreplay.sdk.scope import boundary, enter, leave, scope
from agentreplay.sdk.session import RecordedSpan
from agentreplay.sdk.sources import code_digest

__all__ = ["agent", "call", "retriever", "step", "tool"]

F = TypeVar("F", bound=Callable[..., Any])


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
            return self._wrap(cast("Callable[..., Any]", function), function.__name__)
        return lambda found: self._wrap(found, function or found.__name__)

    def _wrap(self, function: Callable[..., Any], name: str) -> Any:
        wrapper = _wrap_call if self._is_call else _wrap_span
        return wrapper(function, name, self._kind)


agent = _Decorator("agent", is_call=False)
"""The function is an agent: what happens in it is its doing."""

step = _Decorator("step", is_call=False)
"""The function is a step."""

tool = _Decorator("tool", is_call=True)
"""The function is a tool: on replay its result is served, unless it is no plain value."""

retriever = _Decorator("retrieval", is_call=True)
"""The function retrieves documents; as a tool."""


def call(name: str, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Call a function as a call that crosses the boundary: recorded, and served on replay."""
    return _wrap_call(function, name, "tool")(*arguments, **named)


def _wrap_span(function: Callable[..., Any], name: str, kind: str) -> Any:
    def around() -> RecordedSpan:
        return RecordedSpan(name, kind, agent=name if kind == "agent" else None)

    if inspect.isasyncgenfunction(function):

        @functools.wraps(function)
        async def each_async(*arguments: Any, **named: Any) -> AsyncGenerator[Any, Any]:
            with around():
                async for item in function(*arguments, **named):
                    yield item

        return each_async
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def run_async(*arguments: Any, **named: Any) -> Any:
            with around():
                return await function(*arguments, **named)

        return run_async
    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def each(*arguments: Any, **named: Any) -> Generator[Any, Any, Any]:
            with around():
                return (yield from function(*arguments, **named))

        return each

    @functools.wraps(function)
    def run(*arguments: Any, **named: Any) -> Any:
        with around():
            return function(*arguments, **named)

    return run


def _wrap_call(function: Callable[..., Any], name: str, kind: str) -> Any:  # noqa: C901  # four colours of functions
    head = _head(function)

    def begin(arguments: tuple[Any, ...], named: Mapping[str, Any]) -> Pending | None:
        found = boundary()
        if found is None:
            return None
        asked = _asked(function, arguments, named)
        return found.begin(Request(seam=kind, operation=name, head=head, body=asked))

    if inspect.isasyncgenfunction(function):

        @functools.wraps(function)
        async def each_async(*arguments: Any, **named: Any) -> AsyncGenerator[Any, None]:
            pending = begin(arguments, named)
            if pending is not None and pending.answer is not None:
                await pending.wait_async()
                for item in thaw(pending.answer.body):
                    yield item
                return
            items = _Items(pending)
            with items:
                async for item in function(*arguments, **named):
                    items.add(item)
                    yield item

        return each_async
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def run_async(*arguments: Any, **named: Any) -> Any:
            pending = begin(arguments, named)
            if pending is None:
                return await function(*arguments, **named)
            if pending.answer is not None:
                await pending.wait_async()
                return thaw(pending.answer.body)
            try:
                with _inside(pending):
                    result = await function(*arguments, **named)
            except BaseException as error:
                pending.fail(error)
                raise
            pending.finish(_answer(result))
            return result

        return run_async
    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def each(*arguments: Any, **named: Any) -> Generator[Any, None, None]:
            pending = begin(arguments, named)
            if pending is not None and pending.answer is not None:
                pending.wait()
                yield from thaw(pending.answer.body)
                return
            items = _Items(pending)
            with items:
                for item in function(*arguments, **named):
                    items.add(item)
                    yield item

        return each

    @functools.wraps(function)
    def run(*arguments: Any, **named: Any) -> Any:
        pending = begin(arguments, named)
        if pending is None:
            return function(*arguments, **named)
        if pending.answer is not None:
            pending.wait()
            return thaw(pending.answer.body)
        try:
            with _inside(pending):
                result = function(*arguments, **named)
        except BaseException as error:
            pending.fail(error)
            raise
        pending.finish(_answer(result))
        return result

    return run


@contextmanager
def _inside(pending: Pending) -> Generator[None, None, None]:
    """What happens in here happens inside of this call."""
    noted = pending.note
    token = enter(scope()._replace(span_id=noted.span_id)) if isinstance(noted, Noted) else None
    try:
        with tasks.inside(pending.address.ordinal):
            yield
    finally:
        if token is not None:
            leave(token)


class _Items:
    """What a generator yields, kept when it ends or is left."""

    def __init__(self, pending: Pending | None) -> None:
        self._pending = pending
        self._items: list[Any] = []

    def add(self, item: Any) -> None:
        if self._pending is not None:
            self._items.append(item)

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: object) -> None:
        if self._pending is None:
            return
        if error is not None and not isinstance(error, GeneratorExit):
            self._pending.fail(error)
            return
        self._pending.finish(_answer(self._items, complete=error is None))


def _answer(result: Any, *, complete: bool = True) -> Answer:
    """The result as it can be served; what is no plain value has to be made again."""
    try:
        return Answer(body=freeze(result), complete=complete)
    except NotPlain:
        return Answer(head={"_type": type(result).__qualname__}, is_live=True, complete=complete)


def _head(function: Callable[..., Any]) -> dict[str, Value]:
    code = getattr(inspect.unwrap(function), "__code__", None)
    return {"code": code_digest(code)} if code is not None and is_own(code.co_filename) else {}


def _asked(function: Callable[..., Any], arguments: tuple[Any, ...], named: Mapping[str, Any]) -> bytes:
    """The arguments by name."""
    try:
        bound = inspect.signature(function).bind(*arguments, **named).arguments
    except (TypeError, ValueError):
        bound = {"arguments": arguments, **named}
    shown = {name: item for name, item in bound.items() if name not in {"self", "cls"}}
    return freeze({name: sketch(item) for name, item in shown.items()})
