"""What a store promises about attributes that say what contents say: they are there as told until those go."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from agentreplay.contents.messages import Conversation, split
from agentreplay.model.content import JSON, Content
from agentreplay.model.query import Attribute, SpanFilter
from agentreplay.model.receipt import Target
from agentreplay.model.span import Span
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker, batch_of
from tests.store.observation import all_spans, append
from tests.store.world import answers

LENGTHS = pytest.mark.parametrize("repeats", [1, 100], ids=["short", "long"])


class Told:
    """A span that tells in attributes what it saw and what came back."""

    def __init__(self, make: Maker, repeats: int, **fields: Any) -> None:
        said = "Où est ma commande? " * repeats
        self.talk: Conversation = split([{"role": "system", "content": "Be brief."}, {"role": "user", "content": said}])
        self.answer = Content.of(json.dumps([{"role": "assistant", "content": said[::-1]}]).encode(), JSON)
        self.attributes: dict[str, Any] = {
            "model": "gpt-5-mini",
            "input": json.dumps([{"role": "user", "content": said}]),
            "output": json.dumps([{"role": "assistant", "content": said[::-1]}]),
            "prompt": said,
            "own": "told nowhere else " * repeats,
            "seconds": 7,
        }
        attributes = {"attributes": self.attributes, "kept": answers(self.answer), "context": self.talk.ref} | fields
        self.span: Span = make.span(**attributes)

    def tell(self, store: Store) -> None:
        append(store, batch_of(self.span, self.answer, self.talk))

    def target(self) -> Target:
        span = self.span
        return Target(tenant=span.tenant, project=span.project, trace_id=span.trace_id, span_id=span.span_id)


@pytest.fixture(params=[1, 100], ids=["short", "long"])
def told(request: pytest.FixtureRequest, make: Maker) -> Told:
    return Told(make, request.param)


def found(store: Store, told: Told) -> Span:
    span = store.spans.get(told.span.key)
    assert span is not None
    return span


def test_they_are_read_as_they_were_told_and_in_their_order(store: Store, told: Told) -> None:
    told.tell(store)

    assert list(found(store, told).attributes.items()) == list(told.attributes.items())
    assert found(store, told).kept == told.span.kept


def test_spans_are_found_by_them(store: Store, told: Told, make: Maker) -> None:
    told.tell(store)
    append(store, batch_of(make.span(attributes=dict.fromkeys(told.attributes, "something else"))))

    for name, value in told.attributes.items():
        where = SpanFilter(tenant=make.tenant, attribute=Attribute(name, value))
        assert [row.key for row in all_spans(store, where)] == [told.span.key]


def test_they_go_with_the_payload_and_the_others_stay(store: Store, told: Told) -> None:
    told.tell(store)

    store.delete(told.target())

    assert list(found(store, told).attributes) == ["model", "own", "seconds"]
    for name in ("input", "prompt"):
        where = SpanFilter(tenant=told.span.tenant, attribute=Attribute(name, told.attributes[name]))
        assert all_spans(store, where) == []
    where = SpanFilter(tenant=told.span.tenant, attribute=Attribute("own", told.attributes["own"]))
    assert [row.key for row in all_spans(store, where)] == [told.span.key]


def test_they_do_not_come_back(store: Store, told: Told) -> None:
    told.tell(store)
    store.delete(told.target())

    told.tell(store)

    assert list(found(store, told).attributes) == ["model", "own", "seconds"]
    assert store.statistics().conflicts == 0


@LENGTHS
def test_they_do_not_come_back_when_the_span_is_closed(store: Store, make: Maker, repeats: int) -> None:
    told = Told(make, repeats, end=None)
    told.tell(store)
    store.delete(told.target())

    closed = msgspec.structs.replace(told.span, end=told.span.start)
    append(store, batch_of(closed, told.answer, told.talk))

    assert (found(store, told).end, list(found(store, told).attributes)) == (closed.end, ["model", "own", "seconds"])


def _at_once(store: Store, told: Told) -> None:
    contents = (told.answer, told.talk)
    append(store, batch_of(told.span, *contents), batch_of(told.span), batch_of(told.span, *contents))


def _bare_at_last(store: Store, told: Told) -> None:
    told.tell(store)
    append(store, batch_of(told.span))


def _bare_at_first(store: Store, told: Told) -> None:
    append(store, batch_of(told.span))
    told.tell(store)


@pytest.mark.parametrize("tell", [_at_once, _bare_at_last, _bare_at_first])
def test_to_tell_a_span_again_without_its_contents_contradicts_nothing(
    store: Store, told: Told, tell: Callable[[Store, Told], None]
) -> None:
    tell(store, told)

    assert found(store, told).attributes == told.attributes
    assert store.statistics().conflicts == 0


@pytest.mark.parametrize("name", ["input", "prompt", "own"])
def test_to_tell_another_one_does(store: Store, told: Told, name: str) -> None:
    told.tell(store)

    append(store, batch_of(msgspec.structs.replace(told.span, attributes=told.attributes | {name: "another"})))

    assert found(store, told).attributes == told.attributes
    assert store.statistics().conflicts == 1


def test_they_stay_when_other_spans_that_saw_the_same_go(store: Store, make: Maker) -> None:
    one, other = Told(make, 100), Told(make, 100, session=make.new_session_id())
    one.tell(store)
    other.tell(store)

    store.delete(Target(tenant=make.tenant, project=make.project, session=one.span.session))

    assert store.spans.get(one.span.key) is None
    assert found(store, other).attributes == other.attributes
