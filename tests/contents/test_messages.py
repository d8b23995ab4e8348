"""Conversations come back as they were, and are kept so that growing by a message costs a message."""

import base64
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agentreplay.contents.messages import Conversation, join, split
from agentreplay.model.receipt import Target
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker, batch_of
from tests.store.observation import append

IMAGE = bytes(range(256)) * 8
HINT = {"type": "ephemeral"}

_texts = st.text(max_size=12) | st.sampled_from(["cache_control", "cachePoint", "$content", "$escaped", "text"])
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=12,
)


def together(conversation: Conversation) -> list[Any]:
    found = {content.hash: content.data for content in conversation.contents}
    assert conversation.ref is not None
    return join(conversation.ref, conversation.links, found.__getitem__)


def image_message() -> dict[str, Any]:
    url = "data:image/png;base64," + base64.b64encode(IMAGE).decode()
    return {"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}


@given(st.lists(st.dictionaries(_texts, _values, max_size=4), min_size=1, max_size=4))
def test_any_conversation_comes_back(messages: list[Any]) -> None:
    assert together(split(messages)) == messages


def test_the_order_of_keys_comes_back_too() -> None:
    messages = [{"b": 1, "cache_control": HINT, "a": [{"cachePoint": {}}, {"x": 1, "cache_control": HINT}]}]

    assert str(together(split(messages))) == str(messages)


def test_a_wandering_marker_makes_no_message_new() -> None:
    first = {"role": "user", "content": [{"type": "text", "text": "one"}]}
    marked = {"role": "user", "content": [{"type": "text", "text": "one", "cache_control": HINT}]}

    one, other = split([marked]), split([first, marked])

    assert one.links[0].id == other.links[0].id
    assert together(one) == [marked]
    assert together(other) == [first, marked]


def test_media_become_contents_of_their_own() -> None:
    conversation = split([image_message()])

    (image,) = [content for content in conversation.contents if content.data == IMAGE]
    assert image.media == "image/png"
    assert [kept.hash for kept in conversation.kept] == [image.hash]
    assert together(conversation) == [image_message()]


def test_text_that_merely_could_be_base64_stays_text() -> None:
    messages = [{"role": "user", "content": "abcd" * 400}]

    conversation = split(messages)

    assert len(conversation.contents) == 1
    assert together(conversation) == messages


def test_no_messages_make_no_context() -> None:
    assert split([]).ref is None


def test_media_go_with_the_last_span_that_saw_them(store: Store, make: Maker) -> None:
    talk = split([image_message()])
    spans = [make.span(session=name, context=talk.ref, kept=talk.kept) for name in ("one", "two")]
    append(store, batch_of(*spans, *talk.links, *talk.contents))
    image = talk.kept[0].hash

    store.delete(Target(tenant=make.tenant, project=make.project, session=spans[0].session))
    assert store.contents.get(make.tenant, image) is not None

    store.delete(Target(tenant=make.tenant, project=make.project, session=spans[1].session))
    assert store.contents.get(make.tenant, image) is None
