"""Who is refused before all was said hears why."""

import asyncio
from collections.abc import AsyncIterator, Iterable

import pytest

from agentreplay.server import lingering
from agentreplay.server.asgi import Message, Receive, Scope, Send, answer
from agentreplay.server.lingering import Lingering

PART = b"x" * 1_000


async def refusing(_: Scope, __: Receive, send: Send) -> None:
    await answer(send, 413, b"too much")


async def listening_first(_: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await answer(send, 400, b"enough")


def heard(
    app: Lingering, headers: Iterable[tuple[bytes, bytes]], parts: AsyncIterator[Message]
) -> tuple[int, list[str]]:
    """How many parts of the request were taken, and what was sent."""
    taken = 0
    sent: list[str] = []

    async def receive() -> Message:
        nonlocal taken
        taken += 1
        return await anext(parts)

    async def send(message: Message) -> None:
        sent.append(f"{message['type']} after {taken}")

    asyncio.run(app({"type": "http", "headers": list(headers)}, receive, send))
    return taken, sent


async def body(parts: int) -> AsyncIterator[Message]:
    for left in reversed(range(parts)):
        yield {"type": "http.request", "body": PART, "more_body": left > 0}
    raise AssertionError("asked for more than there is")


async def cut_off() -> AsyncIterator[Message]:
    yield {"type": "http.request", "body": PART, "more_body": True}
    yield {"type": "http.disconnect"}


async def silent() -> AsyncIterator[Message]:
    await asyncio.sleep(30)
    yield {}


def test_the_rest_is_read_between_the_head_of_an_answer_and_its_end() -> None:
    taken, sent = heard(Lingering(refusing), [(b"content-length", b"3000")], body(3))

    assert taken == 3
    assert sent == ["http.response.start after 0", "http.response.body after 3"]


def test_what_was_read_by_the_application_is_not_waited_for_again() -> None:
    assert heard(Lingering(listening_first), [(b"content-length", b"1000")], body(1))[0] == 1
    assert heard(Lingering(listening_first), [(b"transfer-encoding", b"chunked")], body(4))[0] == 4


def test_a_request_without_a_body_is_left_alone() -> None:
    assert heard(Lingering(refusing), [(b"host", b"x")], body(0))[0] == 0


def test_who_asks_before_sending_is_not_told_to_send() -> None:
    asking = [(b"content-length", b"4000"), (b"expect", b"100-continue")]

    assert heard(Lingering(refusing), asking, body(4))[0] == 0
    assert heard(Lingering(listening_first), asking, body(4))[0] == 4, "it was told to go on"


def test_a_sender_that_goes_away_is_not_waited_for() -> None:
    taken, sent = heard(Lingering(refusing), [(b"content-length", b"9000")], cut_off())

    assert (taken, len(sent)) == (2, 2)


def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lingering, "LINGER_SECONDS", 0.05)
    assert len(heard(Lingering(refusing), [(b"content-length", b"9000")], silent())[1]) == 2

    monkeypatch.setattr(lingering, "LINGER_BYTES", 3_000)
    assert heard(Lingering(refusing), [(b"content-length", b"99000")], body(99))[0] == 3
