"""What indexing reads of a batch is what the batch says."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.errors import AgentReplayError, BatchInvalid
from agentreplay.model.batch import Batch
from agentreplay.model.content import Content, Kept
from agentreplay.model.context import chain
from agentreplay.model.span import Event
from agentreplay.model.usage import Usage
from agentreplay.model.values import encode
from agentreplay.store.sqlite.prepare import prepare
from agentreplay.store.sqlite.told import Told, ToldContent, read_told
from agentreplay.testing import Maker, batch_of

texts = st.text(st.characters(exclude_categories=()), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.binary(max_size=8) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
)
maps = st.dictionaries(texts, values, max_size=4)


def full(make: Maker) -> Batch:
    """A batch with a little of everything."""
    content = make.content("what was said")
    links = chain([content.hash])
    event = Event(name="exception", time=make.span().start, attributes={"exception.message": "no"})
    kept = Kept(role="answer", hash=content.hash)
    span = make.span(
        kind="llm", agent="a", model="m", tool="t", usage=Usage(input=3, output=4), kept=(kept,),
        attributes={"a": 1, "b": [1.5, "x", b"y"]}, events=(event,), resource={"host": "h"}, scope={"name": "n"},
    )  # fmt: skip
    return batch_of(make.session(), span, content, *links)


@given(attributes=maps, resource=maps, name=texts)
def test_both_ways_of_reading_a_batch_agree(
    attributes: dict[str, object], resource: dict[str, object], name: str
) -> None:
    span = Maker().span(attributes=attributes, resource=resource, name=name, status_message=name)
    batch = batch_of(span, Maker().content("x"))

    assert prepare([read_told(encode(batch))]) == prepare([batch])


def test_everything_in_a_batch_is_read(make: Maker) -> None:
    batch = full(make)

    prepared = prepare([read_told(encode(batch))])

    assert prepared == prepare([batch])
    assert (len(prepared.spans), len(prepared.links), len(prepared.tellings)) == (1, 1, 1)
    assert len(prepared.contents) == 2, "the content, and the text of the failure"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("trace_id", "zz"),
        ("span_id", "00"),
        ("parent_id", "0 1 2 3 4 5 6 7 "),
        ("start", 1 << 63),
        ("end", 1 << 63),
        ("cost", -1),
        ("session", ""),
        ("session", "\n"),
        ("status", "odd"),
        ("usage", {"input": 1 << 41}),
        ("resource", [1]),
        ("attributes", {"a": msgspec.msgpack.Ext(77, b"?")}),
        ("kept", [{"role": "answer", "hash": "x"}]),
        ("context", {"id": "x"}),
    ],
)
def test_a_batch_of_another_hand_that_breaks_a_promise_is_refused(make: Maker, field: str, value: object) -> None:
    span = msgspec.to_builtins(make.span()) | {field: value}
    foreign = msgspec.msgpack.encode({"tenant": make.tenant, "spans": [span]})

    with pytest.raises(AgentReplayError):
        prepare([read_told(foreign)])


def test_a_batch_of_two_tenants_is_refused(make: Maker) -> None:
    spans = [msgspec.to_builtins(span) for span in (make.span(), Maker(tenant="other").span())]

    with pytest.raises(BatchInvalid):
        prepare([read_told(msgspec.msgpack.encode({"spans": spans}))])


def test_contents_that_are_nobodys_are_refused() -> None:
    content = Content.of(b"1")

    with pytest.raises(BatchInvalid):
        prepare([Told(contents=(ToldContent(content.hash, content.data),))])
