"""What a store promises about full text."""

from typing import Any

import msgspec
import pytest

from agentreplay.errors import QueryInvalid
from agentreplay.model.content import JSON, OCTETS, TEXT, Content, Kept
from agentreplay.model.ids import SessionId
from agentreplay.model.page import PageRequest
from agentreplay.model.query import Attribute, SessionFilter, SpanFilter
from agentreplay.model.search import Hit
from agentreplay.model.span import Event, Span
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker, batch_of
from tests.store.observation import all_hits, all_items, all_sessions, append


def holding(make: Maker, content: Content, **fields: Any) -> Span:
    return make.span(kept=(Kept(role="answer", hash=content.hash),), **fields)


def hits(store: Store, make: Maker, text: str) -> list[Hit]:
    return all_items(lambda request: store.spans.search(text, SpanFilter(tenant=make.tenant), request))


def found(store: Store, make: Maker, text: str, **fields: Any) -> set[Any]:
    return all_hits(store, text, SpanFilter(tenant=make.tenant, **fields))


TEXTS = {
    "plain": "The quick brown fox jumps over the lazy dog.",
    "accents": "Café crème à la Müller in SÃO PAULO, ΑΘΉΝΑ",
    "decomposed": "Ame\u0301lie",
    "numbers": "order 4711 costs 12.50 since 2026-01-02",
    "joined": "snake_case_name and user@example.org, don't",
    "chinese": "\u6211\u4eec\u5728\u5317\u4eac\u5927\u5b66\u5b66\u4e60",
    "japanese": "\u6771\u4eac\u30bf\u30ef\u30fc\u306b\u884c\u304f",
    "markup": "<b>bold</b> \x00 tab\tend",
}
QUESTIONS = [
    ("fox", {"plain"}),
    ("FOX quick", {"plain"}),
    ("dog the", {"plain"}),
    ("fox cat", set()),
    ("fo", set()),
    ("fo*", {"plain"}),
    ("qu* DO*", {"plain"}),
    ('"quick brown"', {"plain"}),
    ('"brown quick"', set()),
    ('"quick fox"', set()),
    ('"brown fox" lazy', {"plain"}),
    ('"quick bro"*', {"plain"}),
    ("cafe", {"accents"}),
    ("CREME muller", {"accents"}),
    ("sao", {"accents"}),
    ("αθηνα", {"accents"}),
    ("amelie", {"decomposed"}),
    ("AM\u00c9LIE", {"decomposed"}),
    ("4711", {"numbers"}),
    ("471*", {"numbers"}),
    ("12.50", {"numbers"}),
    ("2026-01-02", {"numbers"}),
    ("snake", {"joined"}),
    ("snake_case_name", {"joined"}),
    ("user@example.org", {"joined"}),
    ("don't", {"joined"}),
    ("\u5317\u4eac", {"chinese"}),
    ('"\u5317\u4eac\u5927\u5b66"', {"chinese"}),
    ("\u4eac\u5317", set()),
    ("\u6771\u4eac", {"japanese"}),
    ("\u30bf\u30ef\u30fc", {"japanese"}),
    ("bold end", {"markup"}),
]


@pytest.mark.parametrize(("question", "expected"), QUESTIONS, ids=[ascii(question) for question, _ in QUESTIONS])
def test_texts_are_found_by_their_words(store: Store, make: Maker, question: str, expected: set[str]) -> None:
    contents = {name: Content.of(text.encode(), TEXT) for name, text in TEXTS.items()}
    spans = {name: holding(make, content) for name, content in contents.items()}
    append(store, batch_of(*spans.values(), *contents.values()))

    keys = found(store, make, question)

    assert {name for name, span in spans.items() if span.key in keys} == expected
    assert len(keys) == len(expected)


@pytest.mark.parametrize(("question", "expected"), QUESTIONS, ids=[ascii(question) for question, _ in QUESTIONS])
def test_names_are_found_by_their_words(store: Store, make: Maker, question: str, expected: set[str]) -> None:
    spans = {name: make.span(name=text) for name, text in TEXTS.items()}
    append(store, batch_of(*spans.values()))

    keys = found(store, make, question)

    assert {name for name, span in spans.items() if span.key in keys} == expected


def test_the_values_in_a_json_content_are_searched_and_its_keys_are_not(store: Store, make: Maker) -> None:
    content = Content.of(b'{"secretkey": "apple", "inner": [{"deeper": "p\\u00eache"}, 42], "none": null}', JSON)
    span = holding(make, content)
    append(store, batch_of(span, content))

    assert found(store, make, "apple") == found(store, make, "peche") == found(store, make, "42") == {span.key}
    assert found(store, make, "secretkey") == found(store, make, "deeper") == found(store, make, "null") == set()


def test_bytes_are_not_searched(store: Store, make: Maker) -> None:
    content = Content.of(b"apple", OCTETS)
    append(store, batch_of(holding(make, content), content))

    assert found(store, make, "apple") == set()


def test_what_went_wrong_is_searched(store: Store, make: Maker) -> None:
    attributes = {"exception.type": "LookupError", "exception.message": "no such fruit"}
    event = Event(name="exception", time=make.span().start, attributes=attributes)
    spans = [make.span(status="error", status_message="rate limit reached"), make.span(events=(event,))]
    append(store, batch_of(*spans))

    assert found(store, make, "limit") == {spans[0].key}
    assert found(store, make, "LookupError fruit") == {spans[1].key}


def test_all_words_stand_in_one_text(store: Store, make: Maker) -> None:
    one, other = make.content("apple"), make.content("pear")
    kept = tuple(Kept(role="answer", hash=content.hash) for content in (one, other))
    append(store, batch_of(make.span(name="plum", kept=kept), one, other))

    assert len(found(store, make, "apple")) == len(found(store, make, "pear")) == 1
    assert found(store, make, "apple pear") == found(store, make, "apple plum") == set()


def test_a_span_is_found_once_though_several_of_its_texts_answer(store: Store, make: Maker) -> None:
    contents = [make.content(f"apple {number}") for number in range(3)]
    talk = make.conversation("apple", "an apple")
    span = make.span(
        name="apple",
        status_message="apple",
        context=talk.ref,
        kept=tuple(Kept(role=content.hash, hash=content.hash) for content in [*contents, *contents]),
    )
    append(store, batch_of(span, talk, *contents))

    assert [hit.span.key for hit in hits(store, make, "apple")] == [span.key]


def test_a_message_is_found_with_a_span_of_each_session_that_saw_it(store: Store, make: Maker) -> None:
    short, long = make.conversation("apple", "pear"), make.conversation("apple", "pear", "plum")
    spans = [
        make.span(context=short.ref),
        make.span(context=long.ref),
        make.span(session="other", context=long.ref),
        make.span(session="third"),
    ]
    append(store, *map(batch_of, spans), batch_of(long, tenant=make.tenant))

    for word in ("apple", "pear", "plum"):
        assert {hit.span.session for hit in hits(store, make, word)} == {make.session_id, "other"}
        assert set(all_sessions(store, SessionFilter(tenant=make.tenant, text=word))) == {
            make.session_id,
            "other",
        }
    assert found(store, make, "plum", session=make.session_id) == {spans[1].key}


def test_a_content_that_comes_late_is_found_too(store: Store, make: Maker) -> None:
    content, talk = make.content("apple"), make.conversation("pear", "plum")
    span = make.span(context=talk.ref, kept=(Kept(role="answer", hash=content.hash),))
    append(store, batch_of(span))
    assert found(store, make, "apple") == found(store, make, "plum") == set()

    append(store, batch_of(talk.links[1], *talk.contents[1:], content, tenant=make.tenant))
    append(store, batch_of(talk.links[0], talk.contents[0], tenant=make.tenant))

    assert found(store, make, "apple") == found(store, make, "pear") == found(store, make, "plum") == {span.key}


def test_a_closed_span_is_found_by_what_its_end_said(store: Store, make: Maker) -> None:
    before, after = make.content("apple"), make.content("pear")
    opened = holding(make, before, name="guess", end=None)
    closed = holding(make, after, name="told", trace_id=opened.trace_id, span_id=opened.span_id)
    append(store, batch_of(opened, before))
    append(store, batch_of(closed, after))

    assert found(store, make, "apple") == found(store, make, "guess") == set()
    assert found(store, make, "pear") == found(store, make, "told") == {closed.key}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [0, 1, 2, 3]),
        ({"project": "demo"}, [0, 1, 2]),
        ({"session": "a"}, [0]),
        ({"kind": "tool"}, [1, 3]),
        ({"status": "error"}, [2]),
        ({"model": "m"}, [2]),
        ({"label": ("team", "red")}, [0]),
        ({"attribute": Attribute("n", 1)}, [1]),
        ({"kind": "tool", "project": "demo"}, [1]),
        ({"kind": "llm"}, []),
    ],
    ids=str,
)
def test_filters_narrow_what_is_found(store: Store, make: Maker, fields: dict[str, Any], expected: list[int]) -> None:
    content = make.content("apple")
    fresh = [
        holding(make, content, session="a"),
        holding(make, content, kind="tool", attributes={"n": 1}),
        make.span(status="error", model="m", name="apple"),
        holding(make, content, project="other", kind="tool"),
    ]
    append(store, batch_of(*fresh, content, make.session(id="a", labels={"team": "red"})))

    assert found(store, make, "apple", **fields) == {fresh[place].key for place in expected}


def test_times_narrow_what_is_found(store: Store, make: Maker) -> None:
    spans = [make.span(name="apple") for _ in range(4)]
    append(store, batch_of(*spans))

    assert found(store, make, "apple", since=spans[1].start, until=spans[3].start) == {span.key for span in spans[1:3]}


def test_the_better_answer_comes_first(store: Store, make: Maker) -> None:
    padding = " ".join(f"word{number}" for number in range(60))
    contents = [
        make.content(f"apple {padding}"),
        make.content("apple apple apple and apple again"),
        make.content(f"{padding} apple {padding} {padding}"),
    ]
    spans = [holding(make, content) for content in contents]
    append(store, batch_of(*spans, *contents))

    order = [hit.span.key for hit in hits(store, make, "apple")]

    assert order == [spans[1].key, spans[0].key, spans[2].key]
    scores = [hit.score for hit in hits(store, make, "apple")]
    assert scores == sorted(scores, reverse=True)


def test_a_hit_shows_the_passage_with_the_words_marked(store: Store, make: Maker) -> None:
    content = make.content(f"{'before ' * 100} the Äpple and the Pear fell {'after ' * 100}")
    span = holding(make, content)
    append(store, batch_of(span, content))

    (hit,) = hits(store, make, "apple pear")

    assert "\x02Äpple\x03" in hit.snippet
    assert "\x02Pear\x03" in hit.snippet
    assert len(hit.snippet) < 250
    assert hit.content == content.hash
    assert hit.span.key == span.key


def test_a_hit_in_a_name_has_no_content(store: Store, make: Maker) -> None:
    append(store, batch_of(make.span(name="pick an apple")))

    (hit,) = hits(store, make, "apple")

    assert (hit.snippet, hit.content) == ("pick an \x02apple\x03", None)


@pytest.mark.parametrize("text", ["", "   ", '""', "*", "-- ; !"], ids=ascii)
def test_a_question_without_words_is_refused(store: Store, make: Maker, text: str) -> None:
    append(store, batch_of(make.span()))

    with pytest.raises(QueryInvalid):
        store.spans.search(text, SpanFilter(tenant=make.tenant))
    with pytest.raises(QueryInvalid):
        store.sessions.find(SessionFilter(tenant=make.tenant, text=text))


@pytest.mark.parametrize(
    "text",
    [
        'apple "',
        'apple" OR "',
        "apple AND pear",
        "NEAR(apple)",
        "name:apple",
        "^apple",
        "apple - pear",
        "(apple",
    ],
)
def test_a_question_is_words_and_never_a_language(store: Store, make: Maker, text: str) -> None:
    append(store, batch_of(make.span(name="and or name apple near apple pear")))

    assert len(found(store, make, text)) == 1


def test_pages_neither_repeat_nor_skip_while_texts_arrive(store: Store, make: Maker) -> None:
    spans, contents = [], []
    for number in range(12):
        contents.append(make.content(f"apple {'and more ' * number} {number}"))
        spans.append(holding(make, contents[-1]))
    append(store, batch_of(*spans, *contents))
    where = SpanFilter(tenant=make.tenant)

    page = store.spans.search("apple", where, PageRequest(limit=3))
    keys = [hit.span.key for hit in page.items]
    while page.next is not None:
        if len(keys) < 9:
            content = make.content(f"apple {'or this ' * len(keys)} {len(keys)}")
            append(store, batch_of(holding(make, content), content, make.span(name="apple")))
        page = store.spans.search("apple", where, PageRequest(limit=3, after=page.next))
        keys += [hit.span.key for hit in page.items]

    assert len(keys) == len(set(keys))
    assert {span.key for span in spans} <= set(keys)


def test_one_content_that_many_spans_hold_is_found_with_each(store: Store, make: Maker) -> None:
    content = make.content("apple")
    spans = [holding(make, content, session=f"session {number % 3}") for number in range(9)]
    append(store, batch_of(content, *spans))

    assert found(store, make, "apple") == {span.key for span in spans}


def test_a_session_that_a_span_left_does_not_get_the_messages_it_waited_for(store: Store, make: Maker) -> None:
    talk = make.conversation("wandering")
    opened = make.span(session="guess", end=None, context=talk.ref)
    closed = msgspec.structs.replace(opened.close(opened.start), session=SessionId("told"))
    append(store, batch_of(opened, make.span(session="guess")))
    append(store, batch_of(closed))

    append(store, batch_of(*talk.links, *talk.contents, make.span()))

    where = SessionFilter(tenant=make.tenant, text="wandering")
    assert [row.session.id for row in store.sessions.find(where).items] == ["told"]
