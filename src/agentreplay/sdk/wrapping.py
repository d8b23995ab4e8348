"""Functions of every colour, wrapped so that each run of them is accompanied: plain, async, generators of both.

What accompanies a run surrounds only the stretches in which the function itself is running. A generator that waits
for its consumer is not running, so what the consumer does meanwhile is none of its doing.
"""

import functools
import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator
from types import FunctionType, TracebackType
from typing import Any, Protocol

__all__ = ["Accompany", "Block", "Run", "Served", "accompanied"]


class Run(Protocol):
    """Accompanies one run of a function. Never raises into it."""

    def __enter__(self) -> object:
        """The function begins to run, or goes on."""
        ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object, /) -> None:
        """It has stopped, for now or for good."""
        ...

    def yielded(self, item: Any) -> None:
        """It yields this, and waits."""
        ...

    def returned(self, value: Any) -> None:
        """It ended, with this."""
        ...

    def raised(self, error: BaseException) -> None:
        """It ended, with this error."""
        ...

    def left(self) -> None:
        """Nobody wants the rest of it."""
        ...


class Served:
    """Stands in for one run of a function, which does not take place.

    No abstract class, for every run of a function is asked whether it is one, and abstract classes are slow to answer.
    """

    def value(self) -> Any:
        """What it returned."""
        raise NotImplementedError

    async def value_async(self) -> Any:
        """The same, for a task."""
        raise NotImplementedError

    def items(self) -> Generator[Any, Any, Any]:
        """What it yielded."""
        raise NotImplementedError

    def items_async(self) -> AsyncIterator[Any]:
        """The same, for a task."""
        raise NotImplementedError


Accompany = Callable[[tuple[Any, ...], dict[str, Any]], Run | Served | None]
"""Called with the arguments when a run begins. None: it runs alone."""


class Block:
    """What can stand around a `with` block, an `async with` block or a function."""

    __slots__ = ()

    def begin(self) -> None:
        """It begins."""

    def enter(self) -> None:
        """The running flow works inside of it."""

    def leave(self) -> None:
        """The running flow works outside of it."""

    def returns(self, value: Any) -> Any:
        """What it surrounds returns this; the very same value is returned."""
        return value

    def end(self, error: BaseException | None = None) -> None:
        """It ends."""

    def __enter__(self) -> Any:
        self.begin()
        self.enter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()
        self.end(error)

    async def __aenter__(self) -> Any:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)


def accompanied(function: Callable[..., Any], accompany: Accompany) -> Any:
    """The function with each of its runs accompanied; it keeps its name, its signature and its colour."""
    return functools.update_wrapper(_wrapper_for(function)(function, accompany), function)


def _wrapper_for(function: Callable[..., Any]) -> Callable[[Callable[..., Any], Accompany], Callable[..., Any]]:
    # Some frameworks make their tools anew for every run: of most functions the code alone tells the colour.
    if type(function) is FunctionType and not (function.__dict__ or function.__code__.co_flags & _COLOURED):
        return _plain
    if inspect.isasyncgenfunction(function):
        return _async_generator
    if inspect.iscoroutinefunction(function):
        return _coroutine
    return _generator if inspect.isgeneratorfunction(function) else _plain


_COLOURED = inspect.CO_ASYNC_GENERATOR | inspect.CO_COROUTINE | inspect.CO_GENERATOR


def _plain(function: Callable[..., Any], accompany: Accompany) -> Callable[..., Any]:
    def run(*arguments: Any, **named: Any) -> Any:
        found = accompany(arguments, named)
        if found is None:
            return function(*arguments, **named)
        if isinstance(found, Served):
            return found.value()
        try:
            with found:
                result = function(*arguments, **named)
        except BaseException as error:
            found.raised(error)
            raise
        found.returned(result)
        return result

    return run


def _coroutine(function: Callable[..., Any], accompany: Accompany) -> Callable[..., Any]:
    async def run(*arguments: Any, **named: Any) -> Any:
        found = accompany(arguments, named)
        if found is None:
            return await function(*arguments, **named)
        if isinstance(found, Served):
            return await found.value_async()
        try:
            with found:
                result = await function(*arguments, **named)
        except BaseException as error:
            found.raised(error)
            raise
        found.returned(result)
        return result

    return run


def _generator(function: Callable[..., Any], accompany: Accompany) -> Callable[..., Any]:
    def each(*arguments: Any, **named: Any) -> Generator[Any, Any, Any]:
        found = accompany(arguments, named)
        if isinstance(found, Served):
            return (yield from found.items())
        generator: Generator[Any, Any, Any] = function(*arguments, **named)
        return (yield from generator if found is None else _Stretches(generator, found))

    return each


class _Stretches(Generator[Any, Any, Any]):
    """A generator that is accompanied while it runs."""

    def __init__(self, generator: Generator[Any, Any, Any], run: Run) -> None:
        self._generator = generator
        self._run = run

    def send(self, value: Any, /) -> Any:
        return self._step(lambda: self._generator.send(value))

    def throw(self, *given: Any) -> Any:
        return self._step(lambda: self._generator.throw(*given))

    def close(self) -> None:
        try:
            with self._run:
                self._generator.close()
        except BaseException as error:
            self._run.raised(error)
            raise
        self._run.left()

    def _step(self, step: Callable[[], Any]) -> Any:
        run = self._run
        try:
            with run:
                item = step()
        except StopIteration as end:
            run.returned(end.value)
            raise
        except BaseException as error:
            run.raised(error)
            raise
        run.yielded(item)
        return item


def _async_generator(function: Callable[..., Any], accompany: Accompany) -> Callable[..., Any]:
    async def each(*arguments: Any, **named: Any) -> AsyncGenerator[Any, Any]:
        found = accompany(arguments, named)
        if isinstance(found, Served):
            async for item in found.items_async():
                yield item
            return
        generator: AsyncGenerator[Any, Any] = function(*arguments, **named)
        step: Callable[[], Any] = generator.__anext__
        while True:
            is_there, item = await _stretch(step, found)
            if not is_there:
                return
            try:
                sent = yield item
            except GeneratorExit:
                await _close(generator, found)
                raise
            except BaseException as error:  # noqa: BLE001  # it is the generator's to deal with
                step = functools.partial(generator.athrow, error)
            else:
                step = functools.partial(generator.asend, sent)

    return each


async def _stretch(step: Callable[[], Any], run: Run | None) -> tuple[bool, Any]:
    """The next item, and whether there is one."""
    if run is None:
        try:
            return True, await step()
        except StopAsyncIteration:
            return False, None
    try:
        with run:
            item = await step()
    except StopAsyncIteration:
        run.returned(None)
        return False, None
    except BaseException as error:
        run.raised(error)
        raise
    run.yielded(item)
    return True, item


async def _close(generator: AsyncGenerator[Any, Any], run: Run | None) -> None:
    if run is None:
        await generator.aclose()
        return
    try:
        with run:
            await generator.aclose()
    except BaseException as error:
        run.raised(error)
        raise
    run.left()
