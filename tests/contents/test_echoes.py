"""What is found to be said already is made again letter by letter, and what is not said anywhere is not found."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.contents.echoes import CONVERSATION, Echo, Sources, make_again
from agentreplay.contents.messages import split

SPELLINGS: dict[str, Callable[[Any], str]] = {
    "spaced": json.dumps,
    "compact": lambda value: json.dumps(value, separators=(",", ":")),
    "spaced, letters as they are": lambda value: json.dumps(value, ensure_ascii=False),
    "compact, letters as they are": lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")),
}
MESSAGES = [
    {"role": "system", "parts": [{"type": "text", "content": "Answer in “one” sentence."}]},
    {"role": "user", "parts": [{"type": "text", "content": 'Où est\tma commande\n"7"?'}]},
    {"role": "assistant", "tool_calls": [{"id": "a", "name": "look_up", "arguments": '{"order": 7}'}], "empty": []},
]
REQUEST = {"model": "gpt-5-mini", "temperature": 0.1, "tools": [{"name": "look_up", "parameters": {"type": "object"}}]}
ANSWER = [{"role": "assistant", "parts": [{"type": "text", "content": "It is on its way."}]}]

texts = st.text(max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def kept(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def again(found: Echo | None, contents: list[bytes | None], messages: list[bytes]) -> str | None:
    return None if found is None else make_again(found, lambda place: contents[place], lambda: messages)


CONTENTS: list[bytes | None] = [kept(REQUEST), None, kept(ANSWER), b"It is on its way, said plainly"]
SAID = [kept(message) for message in MESSAGES]


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=list(SPELLINGS))
@pytest.mark.parametrize(
    ("value", "source"),
    [
        (MESSAGES, CONVERSATION),
        (MESSAGES[1:], CONVERSATION),
        (MESSAGES[0]["parts"], CONVERSATION),
        (REQUEST, 0),
        (REQUEST["tools"], 0),
        (ANSWER, 2),
    ],
    ids=["messages", "without instructions", "instructions", "request", "tools", "answer"],
)
def test_json_is_an_echo_however_it_is_spelled(spell: Callable[[Any], str], value: Any, source: int) -> None:
    found = Sources.of(CONTENTS, SAID).find(spell(value))

    assert found is not None
    assert found.source == source
    assert again(found, CONTENTS, SAID) == spell(value)


@pytest.mark.parametrize(
    "text", ["It is on its way.", "It is on its way, said plainly", 'Où est\tma commande\n"7"?', '{"order": 7}']
)
def test_a_text_that_stands_in_a_content_is_an_echo(text: str) -> None:
    assert again(Sources.of(CONTENTS, SAID).find(text), CONTENTS, SAID) == text


@pytest.mark.parametrize(
    "text", ["", "[", "{", "user", "gpt-5-mini", "text", "It is on its way", "It is on its way. ", '{"order":7}', "[]"]
)
def test_names_and_what_is_nearly_said_are_none(text: str) -> None:
    assert Sources.of(CONTENTS, SAID).find(text) is None


@pytest.mark.parametrize(
    "text", [json.dumps(MESSAGES) + " ", json.dumps(MESSAGES, indent=1), json.dumps(MESSAGES)[:-1], "[" * 5_000]
)
def test_other_spellings_stay_as_they_were_told(text: str) -> None:
    assert Sources.of(CONTENTS, SAID).find(text) is None


def test_short_texts_may_be_left_alone() -> None:
    sources = Sources([("a", kept(["told", "told at length"]))], [], least=10)

    assert sources.find("told") is None
    assert sources.find("told at length") is not None


def test_what_is_gone_is_not_made_again() -> None:
    sources = Sources.of(CONTENTS, SAID)
    for text in (json.dumps(MESSAGES), 'Où est\tma commande\n"7"?', json.dumps(ANSWER), "It is on its way."):
        found = sources.find(text)

        assert found is not None
        assert again(found, [None] * len(CONTENTS), []) is None


@pytest.mark.parametrize("damaged", [b"", b"\xff", b"[", b"null", b"[]", b'{"parts":7}', b"[" * 5_000])
def test_what_is_damaged_makes_another_text_or_none(damaged: bytes) -> None:
    sources = Sources.of(CONTENTS, SAID)
    for text in (
        json.dumps(MESSAGES[1:]),
        'Où est\tma commande\n"7"?',
        json.dumps(REQUEST["tools"]),
        "It is on its way.",
    ):
        assert again(sources.find(text), [damaged] * len(CONTENTS), [damaged] * len(SAID)) != text


@given(st.lists(values, max_size=4), st.lists(values, max_size=3), st.sampled_from(list(SPELLINGS)))
def test_whatever_is_found_is_made_again_letter_by_letter(said: list[Any], held: list[Any], spelling: str) -> None:
    messages = [content.data for content in split(said).contents]
    contents: list[bytes | None] = [*map(kept, held)]
    sources = Sources.of(contents, messages)
    parts = [part for one in held if isinstance(one, dict) for part in one.values()]
    told: list[Any] = [said, said[1:], *said, *held, *parts]

    for value in told:
        for text in (SPELLINGS[spelling](value), *([value] if isinstance(value, str) else [])):
            found = sources.find(text)
            assert found is None or again(found, contents, messages) == text
