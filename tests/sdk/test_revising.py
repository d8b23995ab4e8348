"""A fork that begins at a tool of a framework gives it something else, or gives back something else."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from agentreplay.playback.patch import parse
from agentreplay.playback.player import Plan, Player
from agentreplay.playback.tape import TOOL, Tape
from agentreplay.playback.tape import Tool as Ran
from agentreplay.sdk import recorder, scope
from agentreplay.sdk.frameworks.methods import Methods, MethodSpan
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.revising import by_name
from tests.sdk.home import Home, record
from tests.taping import tape_of

RESULT, ARGUMENTS, ERROR = "result=rainy", 'arguments.city="Oslo"', "error=LookupError: no city"


class Tool:
    """As frameworks have them."""

    def run(self, *, city: str, framework: object = None) -> str:
        del framework
        return f"sunny in {city}"

    async def run_async(self, *, city: str) -> str:
        return f"sunny in {city}"

    def run_in_pieces(self, *, city: str) -> Iterator[str]:
        yield f"sunny in {city}"

    async def run_in_pieces_async(self, *, city: str) -> AsyncIterator[str]:
        yield f"sunny in {city}"


def ask(way: str, **more: Any) -> str:
    """What the tool finds, whatever its colour."""
    if way == "run":
        return Tool().run(city="Paris", **more)
    if way == "run_async":
        return asyncio.run(Tool().run_async(city="Paris"))
    if way == "run_in_pieces":
        return "".join(Tool().run_in_pieces(city="Paris"))
    return asyncio.run(_joined(Tool().run_in_pieces_async(city="Paris")))


async def _joined(items: AsyncIterator[str]) -> str:
    return "".join([item async for item in items])


def describe(_: tuple[Any, ...], named: dict[str, Any]) -> MethodSpan:
    return MethodSpan("weather", "tool", input=dict(named))


@pytest.fixture
def patches() -> Iterator[Patches]:
    patches = Patches()
    methods = Methods("a framework", patches)
    for name in ("run", "run_async", "run_in_pieces", "run_in_pieces_async"):
        methods.tool(Tool, name, by_name)
        methods.accompany(Tool, name, describe)
    yield patches
    patches.undo()


def tape_with(address: str) -> Tape:
    return tape_of(tools={7: Ran(address, {"city": "Paris"})})


def fork(patch: str, address: str, way: str, **more: Any) -> tuple[str, Player]:
    """What the program finds in a fork, and the player that served it."""
    player = Player(tape_with(address), Plan(at=7, patches=(parse(patch),) if patch else ()))
    found: list[str] = []

    def program() -> None:
        boundary = scope.boundary()
        assert boundary is not None
        boundary.player = player
        found.append(ask(way, **more))

    record(program)
    return found[0], player


ADDRESSES = {
    "run": "main#1",
    "run_in_pieces": "main#1",
    "run_async": "main/Tool.run_async-1#1",
    "run_in_pieces_async": "main/_joined-1#1",
}


@pytest.mark.usefixtures("home", "patches")
@pytest.mark.parametrize("way", ADDRESSES)
@pytest.mark.parametrize(("patch", "found"), [(RESULT, "rainy"), (ARGUMENTS, "sunny in Oslo")])
def test_a_tool_of_any_colour_is_changed_where_the_fork_begins(way: str, patch: str, found: str) -> None:
    assert fork(patch, ADDRESSES[way], way)[0] == found


@pytest.mark.usefixtures("home", "patches")
def test_an_error_is_raised_in_place_of_a_result() -> None:
    with pytest.raises(LookupError, match="no city"):
        fork(ERROR, "main#1", "run")


@pytest.mark.usefixtures("home", "patches")
def test_what_is_the_frameworks_own_stays_the_same_object() -> None:
    assert fork('arguments={"city": "Oslo"}', "main#1", "run", framework=object())[0] == "sunny in Oslo"


@pytest.mark.usefixtures("home", "patches")
def test_another_tool_is_left_alone_and_the_report_says_so() -> None:
    found, player = fork(RESULT, "main#2", "run")

    assert found == "sunny in Paris"
    assert not player.finish().is_revised


@pytest.mark.usefixtures("home", "patches")
def test_a_fork_without_a_change_begins_at_its_tool_all_the_same() -> None:
    found, player = fork("", "main#1", "run")

    assert found == "sunny in Paris"
    assert player.finish().is_revised


@pytest.mark.usefixtures("home", "patches")
def test_arguments_that_do_not_fit_are_told_and_leave_the_tool_as_it_was() -> None:
    before = dict(recorder.troubles)

    found, player = fork("arguments.city.street=1", "main#1", "run")

    assert (found, player.finish().is_revised) == ("sunny in Paris", False)
    assert len(recorder.troubles_since(before)) == 1


@pytest.mark.usefixtures("patches")
def test_each_tool_tells_where_it_ran(home: Home) -> None:
    def program() -> None:
        for way in ("run", "run", "run_async"):
            ask(way)

    session = record(program)

    tools = [span for span in home.spans(session) if span.kind == "tool"]
    assert [span.attributes[TOOL] for span in tools] == ["main#1", "main#2", "main/Tool.run_async-1#1"]
    assert home.tape(session).tools == {
        span.seq: Ran(address, {"city": "Paris"})
        for span, address in zip(tools, ("main#1", "main#2", "main/Tool.run_async-1#1"), strict=True)
    }
