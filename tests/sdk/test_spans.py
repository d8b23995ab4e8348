"""Spans make a tree, whichever way they are left."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

import agentreplay
from tests.sdk.home import Home


def tree(home: Home, session: str | None) -> dict[str, str | None]:
    spans = home.spans(session)
    names = {span.span_id: span.name for span in spans}
    return {span.name: names.get(span.parent_id) if span.parent_id else None for span in spans}


def test_spans_lie_in_each_other(home: Home) -> None:
    @agentreplay.agent
    def scout() -> None:
        with agentreplay.span("plan", kind="planning", iteration=3, goal="find it") as span:
            span.set(found=True)
            span.event("thought", of="something")

    with agentreplay.session("tree") as session:
        scout()

    assert tree(home, session.id) == {"tree": None, "scout": "tree", "plan": "scout"}
    plan = next(span for span in home.spans(session.id) if span.name == "plan")
    assert (plan.kind, plan.iteration, plan.agent, plan.status) == ("planning", 3, "scout", "ok")
    assert plan.attributes == {"goal": "find it", "found": True}
    assert plan.events[0].attributes == {"of": "something"}


def test_an_error_is_told_and_goes_on(home: Home) -> None:
    class Unspeakable(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no words")

    with agentreplay.session("errors") as session:
        with pytest.raises(KeyError), agentreplay.span("missing"):
            raise KeyError("order")
        with pytest.raises(Unspeakable), agentreplay.span("unspeakable"):
            raise Unspeakable

    spans = {span.name: span for span in home.spans(session.id)}
    assert (spans["missing"].status, spans["missing"].status_message) == ("error", "'order'")
    assert spans["missing"].events[0].attributes["exception.type"] == "KeyError"
    assert spans["unspeakable"].status == "error"


def test_a_generator_and_its_consumer_do_not_mix(home: Home) -> None:
    @agentreplay.step
    def produce() -> Iterator[int]:
        for number in range(2):
            with agentreplay.span(f"made {number}"):
                pass
            yield number

    with agentreplay.session("tree") as session:
        for number in produce():
            with agentreplay.span(f"used {number}"):
                pass

    found = tree(home, session.id)
    assert {found["made 0"], found["made 1"]} == {"produce"}
    assert {found["used 0"], found["used 1"], found["produce"]} == {"tree"}


def test_a_generator_nobody_finishes_leaves_nothing_behind(home: Home) -> None:
    @agentreplay.step
    def produce() -> Iterator[int]:
        yield from range(10)

    @agentreplay.step
    async def produce_async() -> AsyncIterator[int]:
        for number in range(10):
            yield number

    async def first() -> Any:
        items = produce_async()
        found = await anext(items)
        await items.aclose()  # type: ignore[attr-defined]
        return found

    with agentreplay.session("tree") as session:
        assert next(produce()) == 0
        assert asyncio.run(first()) == 0
        with agentreplay.span("after"):
            pass

    found = tree(home, session.id)
    assert (found["produce"], found["produce_async"], found["after"]) == ("tree", "tree", "tree")
    assert all(span.end is not None for span in home.spans(session.id))


def test_without_a_session_a_span_is_nothing() -> None:
    with agentreplay.span("alone") as span:
        span.set(a=1)
        span.event("b")


def test_attributes_that_cannot_be_kept_are_sketched(home: Home) -> None:
    with agentreplay.session("odd") as session, agentreplay.span("odd", what=object(), name_of={1: "one"}):
        pass

    odd = next(span for span in home.spans(session.id) if span.name == "odd" and span.kind == "step")
    assert odd.attributes["what"] == {"$type": "builtins:object"}
