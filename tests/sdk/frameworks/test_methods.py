"""Methods of a framework become spans; a method that is not what it was goes on as if nobody looked."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

from agentreplay.sdk import recorder
from agentreplay.sdk.frameworks.methods import Methods, MethodSpan, is_told
from agentreplay.sdk.patching import Patches
from tests.sdk.home import Home, record


class Text(str):
    """A text of a framework's own kind."""

    __slots__ = ()


class Tool:
    """As frameworks have them."""

    name = "weather"

    def run(self, city: str) -> Any:
        if not city:
            raise LookupError("no city")
        return Text(f"sunny in {city}")

    async def run_async(self, city: str) -> str:
        return f"{city}, told: {is_told('tool')}, {is_told('agent')}"

    def run_in_pieces(self, city: str) -> Iterator[str]:
        yield from city

    async def run_in_pieces_async(self, city: str) -> AsyncIterator[str]:
        for letter in city:
            yield letter


def describe(arguments: tuple[Any, ...], named: dict[str, Any]) -> MethodSpan:
    return MethodSpan(arguments[0].name, "tool", input={**named, "city": arguments[1]})


def accompany(methods: Methods) -> None:
    for name in ("run", "run_async", "run_in_pieces", "run_in_pieces_async"):
        methods.accompany(Tool, name, describe)


def test_what_a_tool_is_given_and_finds_is_kept(home: Home) -> None:
    def program() -> str:
        Tool().run("Paris")
        return asyncio.run(Tool().run_async("Rome"))

    patches = Patches()
    accompany(Methods("a framework", patches))
    try:
        spans = home.spans(record(program))
    finally:
        patches.undo()

    tools = [span for span in spans if span.kind == "tool"]
    assert [{name: span.attributes[name] for name in ("input", "output")} for span in tools] == [
        {"input": {"city": "Paris"}, "output": "sunny in Paris"},
        {"input": {"city": "Rome"}, "output": "Rome, told: True, False"},
    ]
    assert [(span.name, span.tool, span.status) for span in tools] == [("weather", "weather", "ok")] * 2


def test_what_a_tool_raises_is_kept_and_raised(home: Home) -> None:
    def program() -> str:
        try:
            return str(Tool().run(""))
        except LookupError as error:
            return str(error)

    patches = Patches()
    accompany(Methods("a framework", patches))
    try:
        spans = home.spans(record(program))
    finally:
        patches.undo()

    assert [(span.status, span.status_message) for span in spans if span.kind == "tool"] == [("error", "no city")]


def test_what_comes_in_pieces_comes_unchanged(home: Home) -> None:
    async def program() -> list[str]:
        return [*Tool().run_in_pieces("Rome"), *[letter async for letter in Tool().run_in_pieces_async("Oslo")]]

    found: list[list[str]] = []
    patches = Patches()
    accompany(Methods("a framework", patches))
    try:
        spans = home.spans(record(lambda: found.append(asyncio.run(program()))))
    finally:
        patches.undo()

    assert found == [list("RomeOslo")]
    assert len([span for span in spans if span.kind == "tool"]) == 2
    assert not is_told("tool")


def test_a_method_of_another_shape_runs_unseen_and_that_is_said_once(home: Home) -> None:
    def program() -> list[str]:
        tool = Tool()
        tool.name = Unspeakable()  # type: ignore[assignment]
        return [tool.run("Paris"), tool.run("Rome")]

    patches = Patches()
    accompany(Methods("a framework", patches))
    try:
        spans = home.spans(record(program))
    finally:
        patches.undo()

    assert [span for span in spans if span.kind == "tool"] == []
    assert [count for kind, count in recorder.troubles.items() if "a framework" in kind] == [1]


def test_a_result_of_another_shape_is_returned_and_that_is_said(home: Home) -> None:
    class Picky(MethodSpan):
        def found(self, value: Any) -> Any:
            return value.result

    patches = Patches()
    methods = Methods("a framework", patches)
    methods.accompany(Tool, "run", lambda *_: Picky("weather", "tool"))
    try:
        session = record(lambda: Tool().run("Paris"))
    finally:
        patches.undo()

    assert [span.status for span in home.spans(session) if span.kind == "tool"] == ["ok"]
    assert [count for kind, count in recorder.troubles.items() if "what weather found" in kind] == [1]


class Unspeakable:
    """Has no name."""

    def __str__(self) -> str:
        raise RuntimeError("no words")
