"""What a store promises about contents and contexts."""

import random
from itertools import permutations

import pytest

from agentreplay.model.content import JSON, OCTETS, TEXT, Content, Kept
from agentreplay.model.ids import ContentHash, ContextId, TenantId
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker, batch_of
from tests.store.observation import append, told


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (b"", TEXT),
        (b"\x00", OCTETS),
        (b'{"role": "user", "content": "hello"}', JSON),
        (b'{"cut": ', JSON),
        (b"\xff\xfe no text", TEXT),
        ("na\u0308ive \N{PILE OF POO}".encode(), "text/markdown"),
        (bytes(range(256)) * 5_000, "image/png"),
        (random.Random(1).randbytes(1_000_000), "of/my-own; charset=\ud800"),
        (b"same again " * 200_000, TEXT),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_any_bytes_come_back_as_they_went_in(store: Store, make: Maker, data: bytes, media: str) -> None:
    content = Content.of(data, media)

    append(store, batch_of(make.span(kept=(Kept(role="answer", hash=content.hash),)), content))

    assert store.contents.get(make.tenant, content.hash) == content


def test_a_content_that_is_not_there_is_none(store: Store, make: Maker) -> None:
    absent = make.content()
    span = make.span(kept=(Kept(role="answer", hash=absent.hash),))
    append(store, batch_of(span, make.content()))

    assert store.contents.get(make.tenant, absent.hash) is None
    assert told(store.spans.get(span.key)) == told(span)


def test_a_content_may_come_before_or_after_the_span_that_holds_it(store: Store, make: Maker) -> None:
    early, late = make.content(), make.content()
    span = make.span(kept=tuple(Kept(role="answer", hash=content.hash) for content in (early, late)))

    append(store, batch_of(early, tenant=make.tenant))
    append(store, batch_of(span))
    append(store, batch_of(late, tenant=make.tenant))

    assert store.contents.get(make.tenant, early.hash) == early
    assert store.contents.get(make.tenant, late.hash) == late


def test_a_tenant_sees_only_what_it_stored_itself(store: Store, make: Maker) -> None:
    other, content, talk = TenantId("other"), make.content(), make.conversation("hello")
    assert talk.ref is not None
    kept = (Kept(role="answer", hash=content.hash),)
    append(store, batch_of(make.span(kept=kept, context=talk.ref), content, talk))

    append(store, batch_of(make.span(tenant=other, kept=kept, context=talk.ref)))
    assert store.contents.get(other, content.hash) is None
    assert store.contexts.read(other, talk.ref.id) in ([], ())

    append(store, batch_of(content, talk, tenant=other))
    assert store.contents.get(other, content.hash) == content
    assert list(store.contexts.read(other, talk.ref.id)) == list(talk.links)


def test_the_first_media_type_told_counts(store: Store, make: Maker) -> None:
    first, second = Content.of(b"data", TEXT), Content.of(b"data", OCTETS)

    append(store, batch_of(make.span(), first), batch_of(make.span(), second))

    assert store.contents.get(make.tenant, first.hash) == first
    assert store.statistics().contents == 1


def test_a_context_is_read_from_the_first_message_to_the_last(store: Store, make: Maker) -> None:
    talk = make.conversation("one", "two", "three")
    append(store, batch_of(make.span(context=talk.ref), talk))

    for place, link in enumerate(talk.links, 1):
        assert list(store.contexts.read(make.tenant, link.id)) == list(talk.links[:place])


def test_a_context_that_is_not_there_is_empty(store: Store, make: Maker) -> None:
    append(store, batch_of(make.span(), make.conversation("one")))

    assert store.contexts.read(make.tenant, ContextId("ab" * 16)) in ([], ())


def test_a_context_appears_when_all_its_links_are_there(store: Store, make: Maker) -> None:
    """What does not begin with the first message is not what the model saw."""
    for number, order in enumerate(permutations(range(3))):
        talk = make.conversation(f"{number} one", "two", "three")
        assert talk.ref is not None
        links = [talk.links[place] for place in order]

        append(store, batch_of(make.span(context=talk.ref), links[0]), batch_of(links[1], tenant=make.tenant))
        assert store.contexts.read(make.tenant, talk.ref.id) in ([], ())
        append(store, batch_of(links[2], tenant=make.tenant))

        assert list(store.contexts.read(make.tenant, talk.ref.id)) == list(talk.links)


def test_a_conversation_that_grows_shares_what_it_begins_with(store: Store, make: Maker) -> None:
    texts = [f"message {number}" for number in range(30)]
    talks = [make.conversation(*texts[:length]) for length in range(1, 31)]

    append(store, *[batch_of(make.span(context=talk.ref), talk) for talk in talks])

    assert (store.statistics().links, store.statistics().contents) == (30, 30)
    assert talks[-1].ref is not None
    read = store.contexts.read(make.tenant, talks[-1].ref.id)
    messages: list[ContentHash] = [link.message for link in read]
    assert [store.contents.get(make.tenant, message) for message in messages] == list(talks[-1].contents)


def test_a_long_context_is_read_whole(store: Store, make: Maker) -> None:
    talk = make.conversation(*[f"message {number}" for number in range(1_500)])
    append(store, batch_of(make.span(context=talk.ref), talk))

    assert talk.ref is not None
    assert list(store.contexts.read(make.tenant, talk.ref.id)) == list(talk.links)
