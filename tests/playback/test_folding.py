"""A call comes back from its contents as it was."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.errors import ContentMissing
from agentreplay.intake.providers.samples import picture
from agentreplay.model.call import Answer, Chunk, Raised, Request
from agentreplay.model.content import OCTETS, Content
from agentreplay.model.context import ContextLink
from agentreplay.model.ids import ContentHash, ContextId
from agentreplay.model.span import Span
from agentreplay.model.time import Nanoseconds
from agentreplay.playback.canonical import canonical, digest
from agentreplay.playback.folding import CALL, Folded, Library, fold, fold_answer, is_call, unfold
from agentreplay.testing import Maker
from tests.playback.test_canonical import VALUES

HEADS = st.dictionaries(
    st.text(max_size=6),
    st.recursive(
        st.none() | st.integers() | st.text(max_size=6) | st.binary(max_size=6),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text("$abcinytefldrs", max_size=6), inner, max_size=3)
        ),
        max_leaves=6,
    ),
    max_size=3,
)
MESSAGES = st.lists(
    VALUES | st.dictionaries(st.sampled_from(["$content", "$escaped", "cache_control", "role"]), VALUES)
)


class Shelf:
    """Contents and links as a store would find them."""

    def __init__(self, *folded: Folded) -> None:
        self.contents = {content.hash: content for one in folded for content in one.contents}
        self.links = {link.id: link for one in folded for link in one.links}

    @property
    def library(self) -> Library:
        return Library(self._content, self._chain)

    def _content(self, digest: ContentHash) -> bytes:
        if digest not in self.contents:
            raise ContentMissing(content=digest)
        return self.contents[digest].data

    def _chain(self, context: ContextId) -> Sequence[ContextLink]:
        found: list[ContextLink] = []
        following: ContextId | None = context
        while following is not None:
            found.insert(0, self.links[following])
            following = found[0].previous
        return found


def span_of(request: Request, folded: Folded, answer: Folded | None = None) -> Span:
    told = {"path": "main", "ordinal": 1, "site": ["a.py", 3, "f"], "digest": digest(request), "turn": 3}
    kept = (*folded.kept, *(answer.kept if answer else ()))
    return Maker().span(kind="tool", attributes={CALL: told}, kept=kept, context=folded.context)


def there_and_back(request: Request, context: str | None = None) -> Request:
    folded, answer = fold(request, context), fold_answer(Answer())
    return unfold(span_of(request, folded, answer), Shelf(folded, answer).library).request


def answer_back(answer: Answer) -> Answer | None:
    request = fold(Request(seam="tool", operation="f"))
    folded = fold_answer(answer)
    return unfold(span_of(Request(seam="tool", operation="f"), request, folded), Shelf(request, folded).library).answer


@given(body=st.dictionaries(st.text(max_size=8), VALUES, max_size=4) | VALUES, head=HEADS, messages=MESSAGES)
def test_a_request_comes_back_with_the_same_meaning(body: Any, head: dict[str, Any], messages: list[Any]) -> None:
    if isinstance(body, dict):
        body["messages"] = messages
    request = Request(seam="http", operation="POST x", head=head, body=json.dumps(body).encode())

    back = there_and_back(request, "messages")

    assert canonical(back) == canonical(request)
    assert digest(back) == digest(request)
    assert back.head == head


@given(st.binary(max_size=3_000), st.sampled_from(["application/json", "text/plain", OCTETS, ""]))
def test_a_body_that_is_no_json_comes_back_byte_by_byte(data: bytes, media: str) -> None:
    request = Request(seam="http", operation="POST x", body=b"\x00" + data, media=media)

    assert there_and_back(request) == request


def test_a_body_of_bytes_is_kept_as_what_it_is() -> None:
    folded = fold(Request(seam="http", operation="POST x", body=picture(), media=""))

    assert [content.media for content in folded.contents if content.data == picture()] == ["image/png"]


@pytest.mark.parametrize(
    "data", [b'{"a": ', b"[" * 100_000, b'{"n": ' + b"9" * 5_000 + b"}", b'{"a": "\\ud800"}', b'"\xed\xa0\x80"']
)
def test_broken_and_huge_json_loses_nothing(data: bytes) -> None:
    request = Request(seam="http", operation="POST x", body=data)

    assert digest(there_and_back(request)) == digest(request)


@given(
    body=st.binary(max_size=300),
    head=HEADS,
    raised=st.none() | st.builds(Raised, name=st.just("E"), module=st.just("m"), arguments=st.tuples(st.binary())),
    complete=st.booleans(),
    is_live=st.booleans(),
    sizes=st.lists(st.integers(0, 50)),
)
def test_an_answer_comes_back_as_it_was(sizes: list[int], **fields: Any) -> None:
    chunks = tuple(Chunk(size, Nanoseconds(size * 7), turn) for turn, size in enumerate(sizes, start=4))
    answer = Answer(**fields, turn=3, chunks=chunks, media="text/event-stream")

    assert answer_back(answer) == answer


def test_answers_that_are_the_same_share_their_content() -> None:
    assert fold_answer(Answer(body=b"1", turn=3)) == fold_answer(Answer(body=b"1", turn=9))


def test_an_exception_that_holds_bytes_is_kept_with_its_call() -> None:
    state = {"$x": {"$bytes": 1}, "data": b"\x00"}
    answer = Answer(raised=Raised(module="a", name="E", message="m", arguments=(b"\xff", 1), state=state), turn=3)

    assert answer_back(answer) == answer


def test_a_conversation_that_grows_shares_what_it_was() -> None:
    messages = [{"role": "user", "content": f"message {number} " + "x" * 100} for number in range(20)]
    bodies = [{"messages": messages[:count], "system": "s" * 2_000} for count in (18, 19, 20)]
    requests = [Request(seam="http", operation="POST x", body=json.dumps(body).encode()) for body in bodies]

    folded = [fold(request, "messages") for request in requests]

    before, after = ({content.hash for one in part for content in one.contents} for part in (folded[:2], folded))
    assert len(after - before) == 1  # the one message: what else is asked is the same
    assert [link.id for link in folded[2].links[:19]] == [link.id for link in folded[1].links]


def test_a_marker_that_wanders_makes_no_message_new() -> None:
    def asked(marked: int) -> Request:
        messages: list[dict[str, Any]] = [{"role": "user", "content": f"m{number}" * 60} for number in range(4)]
        messages[marked]["cache_control"] = {"type": "ephemeral"}
        return Request(seam="http", operation="POST x", body=json.dumps({"messages": messages}).encode())

    first, second = fold(asked(1), "messages"), fold(asked(3), "messages")

    assert first.context is not None
    assert second.context is not None
    assert first.context.id == second.context.id
    assert canonical(there_and_back(asked(3), "messages")) == canonical(asked(3))


def test_a_call_that_waits_for_its_answer_is_read_though_parts_of_it_were_never_written() -> None:
    body = json.dumps({"order": "7", "long": "x" * 5_000}).encode()
    request = Request(seam="tool", operation="lookup", body=body)
    folded = fold(request)
    torn = Shelf(Folded(folded.kept, folded.contents[:1]))

    call = unfold(span_of(request, folded), torn.library)

    assert call.answer is None
    assert call.digest == digest(request)
    with pytest.raises(ContentMissing):
        unfold(span_of(request, folded, fold_answer(Answer())), torn.library)


def test_a_call_is_known_by_its_kind_and_its_model_or_operation() -> None:
    request, answer = Request(seam="tool", operation="lookup"), Answer()
    shelf = Shelf(fold(request), fold_answer(answer))
    span = span_of(request, fold(request), fold_answer(answer))

    assert is_call(span)
    assert unfold(span, shelf.library).label == "tool lookup"
    assert unfold(msgspec.structs.replace(span, kind="llm", model="m-1"), shelf.library).label == "llm m-1"


def test_what_is_kept_is_held_by_the_span() -> None:
    """Else it would go when what shares it is deleted."""
    request = Request(seam="http", operation="POST x", body=json.dumps({"tools": ["t" * 900], "n": 1}).encode())

    folded = fold(request)

    assert {content.hash for content in folded.contents} == {kept.hash for kept in folded.kept}
    assert all(isinstance(content, Content) for content in folded.contents)
