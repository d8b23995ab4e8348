"""Contexts are chains whose ids tell what is in them."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agentreplay.errors import ValueInvalid
from agentreplay.model.context import ContextLink, ContextRef, Marker, chain, context_id
from agentreplay.model.ids import ContentHash, ContextId
from agentreplay.model.values import decode, encode
from tests import strategies

messages = st.lists(strategies.content_hashes, max_size=6)


@given(messages)
def test_a_chain_holds_the_messages_in_order(hashes: list[ContentHash]) -> None:
    links = chain(hashes)

    assert [link.message for link in links] == hashes
    assert [link.previous for link in links] == [None, *(link.id for link in links)][: len(links)]
    assert all(link.id == context_id(link.previous, link.message) for link in links)


@given(messages, messages)
def test_a_chain_can_be_continued_later(first: list[ContentHash], rest: list[ContentHash]) -> None:
    begun = chain(first)

    continued = chain(rest, begun[-1].id if begun else None)

    assert [*begun, *continued] == chain([*first, *rest])


@given(messages, messages, messages)
def test_chains_share_what_they_begin_with_and_nothing_after(
    common: list[ContentHash], one: list[ContentHash], other: list[ContentHash]
) -> None:
    assume(one[:1] != other[:1])

    shared = {link.id for link in chain([*common, *one])} & {link.id for link in chain([*common, *other])}

    assert shared == {link.id for link in chain(common)}


def test_upper_case_ids_become_lower_case() -> None:
    link = chain([ContentHash("ab" * 32), ContentHash("cd" * 32)])[1]
    assert link.previous is not None

    again = ContextLink(
        id=ContextId(link.id.upper()),
        message=ContentHash(link.message.upper()),
        previous=ContextId(link.previous.upper()),
    )

    assert again == link
    assert ContextRef(id=ContextId(link.id.upper())).id == link.id


@pytest.mark.parametrize("fields", [{"id": "ab"}, {"message": "zz" * 32}, {"previous": ""}], ids=str)
def test_what_is_no_link_is_refused(fields: dict[str, Any]) -> None:
    usual: dict[str, Any] = {"id": "ab" * 16, "message": "cd" * 32, "previous": "ef" * 16}

    with pytest.raises(ValueInvalid):
        ContextLink(**usual | fields)


@pytest.mark.parametrize("id_", ["", "zz" * 16, "ab" * 17])
def test_what_is_no_context_is_refused(id_: str) -> None:
    with pytest.raises(ValueInvalid):
        ContextRef(id=ContextId(id_))


@given(strategies.values)
def test_a_marker_keeps_its_value_and_its_path(value: object) -> None:
    ref = ContextRef(id=chain([ContentHash("ab" * 32)])[0].id, markers=(Marker(3, ("content", 0), value),))

    again: ContextRef = decode(encode(ref), ContextRef)

    assert encode(again) == encode(ref)
    assert again.markers[0].path == ("content", 0)
