"""What was found, taken apart for showing."""

from hypothesis import given
from hypothesis import strategies as st

from agentreplay.core.search import Passage, by_session, passages
from agentreplay.model.search import Hit
from agentreplay.model.span import narrow
from agentreplay.testing import Maker


def test_the_words_asked_for_are_told_from_the_rest() -> None:
    found = list(passages("…the \x02order\x03 was \x02late\x03"))

    assert found == [
        Passage("…the ", matches=False),
        Passage("order", matches=True),
        Passage(" was ", matches=False),
        Passage("late", matches=True),
    ]


def test_a_snippet_without_words_is_one_passage() -> None:
    assert list(passages("chat gpt-5")) == [Passage("chat gpt-5", matches=False)]
    assert list(passages("")) == []


@given(st.text(st.sampled_from("ab \x02\x03")))
def test_passages_lose_no_text_however_the_marks_stand(snippet: str) -> None:
    text = "".join(passage.text for passage in passages(snippet))

    assert text.replace("\x03", "") == snippet.replace("\x02", "").replace("\x03", "")


def test_hits_are_gathered_by_session_the_best_first(make: Maker) -> None:
    spans = [narrow(make.span(session=name)) for name in ("one", "two", "one")]
    hits = [Hit(span=span, score=-number, snippet="") for number, span in enumerate(spans)]

    found = by_session(hits)

    assert [key.session for key in found] == ["one", "two"]
    assert list(found.values()) == [[hits[0], hits[2]], [hits[1]]]
