"""Functions of all four colours are recorded, served and performed again where they have to be."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from typing import Any

import pytest

import agentreplay
from agentreplay.sdk.replaying import Playback
from tests.sdk.home import Home, record

performed: list[str] = []


class Handle:
    """Nothing that can be kept."""

    def __init__(self, number: int) -> None:
        self.number = number


@agentreplay.tool
def plain(item: str, *, times: int = 1) -> dict[str, Any]:
    """Look something up."""
    performed.append("plain")
    if item == "broken":
        raise ConnectionError("the carrier does not answer", 7)
    return {"item": item, "times": times, "where": ("a", 1)}


@agentreplay.tool("slowly")
async def waiting(item: str) -> str:
    performed.append("waiting")
    await asyncio.sleep(0)
    if item == "broken":
        raise TimeoutError("too late")
    return item.upper()


@agentreplay.retriever
def each(count: int, *, fails: bool = False) -> Generator[str, None, str]:
    for number in range(count):
        performed.append("each")
        yield f"{number}\nof {count}"
    if fails:
        raise LookupError("no more")
    return "end"  # what a generator returns is kept as well


@agentreplay.tool
async def each_async(count: int) -> AsyncIterator[int]:
    for number in range(count):
        performed.append("each_async")
        await asyncio.sleep(0)
        yield number


@agentreplay.tool
def opened(number: int) -> Handle:
    performed.append("opened")
    return Handle(plain(str(number))["times"] + number)


@agentreplay.tool
def through(count: int) -> Iterator[Any]:
    for number in range(count):
        yield plain(f"inner {number}")


def raised_by(function: Callable[[], Any]) -> Any:
    try:
        return function()
    except (ConnectionError, TimeoutError) as error:
        return [type(error).__name__, str(error), error.args]


def drained(generator: Any) -> list[Any]:
    found: list[Any] = []
    while True:
        try:
            found.append(next(generator))
        except StopIteration as end:
            return [*found, end.value]
        except LookupError as error:
            return [*found, repr(error)]


async def collected(items: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in items]


def first_of(generator: Iterator[Any]) -> Any:
    item = next(generator)
    generator.close()  # type: ignore[attr-defined]
    return item


PROGRAMS: dict[str, Callable[[], Any]] = {
    "plain": lambda: [plain("kettle"), plain("kettle", times=2), plain(item="cup")],
    "its error": lambda: raised_by(lambda: plain("broken")),
    "async": lambda: asyncio.run(waiting("kettle")),
    "its error in a task": lambda: raised_by(lambda: asyncio.run(waiting("broken"))),
    "generator": lambda: [drained(each(3)), drained(each(0))],
    "its error behind items": lambda: drained(each(2, fails=True)),
    "generator left early": lambda: [first_of(each(5)), plain("after")],
    "generator that calls": lambda: [drained(through(2)), plain("after")],
    "async generator": lambda: asyncio.run(collected(each_async(3))),
    "by name": lambda: agentreplay.call("add", lambda a, b: a + b, 1, b=2),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_was_recorded_is_served_without_being_performed(home: Home, name: str) -> None:
    first: list[Any] = []
    again: list[Any] = []

    def run(into: list[Any]) -> Any:
        into.append(PROGRAMS[name]())
        return into[0]

    performed.clear()
    session = record(run, first)
    was_performed, performed[:] = len(performed), []

    verdict = agentreplay.replay(session, run, again)

    assert (verdict.status, again, performed) == ("identical", first, [])
    assert was_performed or name == "by name"


def test_what_cannot_be_kept_is_performed_again_and_its_inner_calls_are_served(home: Home) -> None:
    session = record(lambda: opened(4).number)
    performed.clear()

    verdict = agentreplay.replay(session, lambda: opened(4).number)

    assert (verdict.status, performed) == ("identical", ["opened"])


def test_what_is_called_inside_belongs_to_the_call(home: Home) -> None:
    session = record(lambda: opened(4).number)

    outer, inner = sorted(home.tape(session).calls, key=lambda call: len(call.address.path))

    assert (str(outer.address), str(inner.address)) == ("main#1", "main:1#1")


def test_a_consumer_does_nothing_inside_of_the_generator_it_reads(home: Home) -> None:
    def program() -> None:
        for item in each(2):
            plain(item)

    session = record(program)

    calls = {str(call.address): call.request.operation for call in home.tape(session).calls}
    spans = {span.tool: span.parent_id for span in home.spans(session) if span.tool == "plain"}
    root = next(span.span_id for span in home.spans(session) if span.kind == "session")
    assert calls == {"main#1": "each", "main#2": "plain", "main#3": "plain"}
    assert set(spans.values()) == {root}


def test_a_generator_left_early_is_kept_as_far_as_it_went(home: Home) -> None:
    session = record(lambda: first_of(each(5)))

    answer = home.tape(session).calls[0].answer

    assert answer is not None
    assert (answer.complete, len(answer.chunks)) == (False, 1)


def test_what_is_sent_into_a_generator_arrives(home: Home) -> None:
    @agentreplay.step
    def echo() -> Any:
        received: list[Any] = []
        while len(received) < 2:
            try:
                received.append((yield len(received)))
            except KeyError as error:
                received.append(str(error))
        return received

    def program() -> Any:
        generator = echo()
        next(generator)
        generator.send("sent")
        with pytest.raises(StopIteration) as end:
            generator.throw(KeyError("thrown"))
        return end.value.value

    with agentreplay.session("sent"):
        assert program() == ["sent", "'thrown'"]


def test_what_is_sent_into_an_async_generator_arrives(home: Home) -> None:
    @agentreplay.step
    async def echo() -> Any:
        received = yield 0
        try:
            yield received
        except KeyError as error:
            yield str(error)

    async def program() -> list[Any]:
        generator = echo()
        return [await generator.asend(None), await generator.asend("sent"), await generator.athrow(KeyError("thrown"))]

    with agentreplay.session("sent"):
        assert asyncio.run(program()) == [0, "sent", "'thrown'"]


def test_functions_keep_their_colour_their_name_and_their_signature() -> None:
    assert inspect.iscoroutinefunction(waiting)
    assert inspect.isgeneratorfunction(each)
    assert inspect.isasyncgenfunction(each_async)
    assert (plain.__name__, plain.__doc__) == ("plain", "Look something up.")
    assert list(inspect.signature(plain).parameters) == ["item", "times"]


def test_without_a_session_a_function_is_itself() -> None:
    assert plain("kettle")["item"] == "kettle"
    assert drained(each(1)) == ["0\nof 1", "end"]
    assert asyncio.run(waiting("a")) == "A"


def test_arguments_that_cannot_be_kept_are_told_by_their_type(home: Home) -> None:
    session = record(lambda: agentreplay.call("take", lambda handle: handle.number, Handle(3)))

    assert f'"$type":"{__name__}:Handle"' in home.tape(session).calls[0].request.body.decode()


def test_other_arguments_are_a_divergence(home: Home) -> None:
    session = record(lambda: plain("kettle"))

    verdict = agentreplay.replay(session, lambda: plain("cup"))

    assert verdict.status == "diverged"
    with pytest.raises(agentreplay.Diverged, match="kettle"), Playback(home.tape(session)):
        plain("cup")
