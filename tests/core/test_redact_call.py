"""Secrets leave calls, and chunks go on adding up to their body."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from agentreplay.core.redact import Redactor
from agentreplay.core.redact_call import CallRedactor, _stretched
from agentreplay.model.call import Answer, Chunk, Request
from agentreplay.model.time import Nanoseconds

SECRET = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789"


def chunked(pieces: list[bytes]) -> tuple[Chunk, ...]:
    return tuple(Chunk(len(piece), Nanoseconds(place), place) for place, piece in enumerate(pieces, 1))


@given(st.lists(st.binary(max_size=6), min_size=1, max_size=8), st.data())
def test_chunks_add_up_to_whatever_the_body_became(pieces: list[bytes], data: st.DataObject) -> None:
    old = b"".join(pieces)
    begin, end = sorted((data.draw(st.integers(0, len(old))), data.draw(st.integers(0, len(old)))))
    new = old[:begin] + data.draw(st.binary(max_size=12)) + old[end:]

    found = _stretched(chunked(pieces), old, new)

    assert sum(chunk.size for chunk in found) == len(new)
    assert all(chunk.size >= 0 for chunk in found)
    assert [chunk.turn for chunk in found] == [chunk.turn for chunk in chunked(pieces)]


def test_bounds_away_from_the_secret_stay_where_they_are() -> None:
    pieces = [b"first ", b"a SEC", b"RET b", b" last"]
    old = b"".join(pieces)

    found = _stretched(chunked(pieces), old, old.replace(b"SECRET", b"[redacted:x]"))

    assert [chunk.size for chunk in found] == [6, 0, 16, 5]


def test_a_secret_across_chunks_is_gone() -> None:
    body = f'data: {{"text": "the key is {SECRET}"}}\n\n'.encode()
    pieces = [body[place:after] for place, after in pairwise([*range(0, len(body), 9), len(body)])]
    answer = Answer(body=body, media="text/event-stream", chunks=chunked(pieces))

    clean = CallRedactor(Redactor(salt=b"salt")).answer(answer)

    assert SECRET.encode() not in clean.body
    assert sum(chunk.size for chunk in clean.chunks) == len(clean.body)


def test_headers_and_addresses_lose_their_secrets() -> None:
    head = {"url": f"https://a.example/x?api_key={SECRET}", "headers": {"authorization": f"Bearer {SECRET}"}}

    clean = CallRedactor(Redactor(salt=b"salt")).request(Request(seam="http", operation="GET a", head=head))

    assert SECRET not in str(clean.head)


def test_what_holds_no_secret_is_the_very_same() -> None:
    redactor = CallRedactor(Redactor(salt=b"salt"))
    request = Request(seam="tool", operation="add", head={"code": "0123456789abcdef"}, body=b'{"a":1}')
    answer = Answer(body=b'"fine"')

    assert redactor.request(request) is request
    assert redactor.answer(answer) is answer
    asked, answered = redactor.call(request, answer)
    assert (asked is request, answered is answer) == (True, True)


TOLD = st.sampled_from(
    [
        SECRET,
        SECRET[:20],
        SECRET[20:],
        "password",
        "api_key=",
        "Bearer ",
        '"',
        "\\",
        "\\u0041",
        ": ",
        "order 7",
        "-----BEGIN",
    ]
)
BODIES = st.lists(TOLD, max_size=5).map(lambda parts: "".join(parts).encode())


@given(BODIES, BODIES, st.sampled_from(["tool", "retrieval", "http"]))
def test_together_they_lose_what_they_lose_apart(asked: bytes, answered: bytes, seam: str) -> None:
    redactor = CallRedactor(Redactor(salt=b"salt"))
    request, answer = Request(seam=seam, operation="add", body=asked), Answer(body=answered)

    assert redactor.call(request, answer) == (redactor.request(request), redactor.answer(answer))
