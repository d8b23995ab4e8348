"""A request that the end of the server cuts off."""

import asyncio
import logging

import pytest

from agentreplay.server.asgi import Message, Receive, Scope, Send
from agentreplay.server.ending import Ending, without_cut_off


def sent_when_cut_off(*, begins: bool, kind: str = "http") -> list[Message]:
    """What is sent when the task of a request is cancelled, before or behind the head of its answer."""
    sent: list[Message] = []

    async def slow(_: Scope, __: Receive, send: Send) -> None:
        if begins:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(60)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def cut_off() -> None:
        task = asyncio.create_task(Ending(slow)({"type": kind, "headers": []}, receive, send))
        await asyncio.sleep(0)
        task.cancel()
        await task

    asyncio.run(cut_off())
    return sent


def test_who_waits_for_an_answer_hears_to_ask_again() -> None:
    head, body = sent_when_cut_off(begins=False)

    assert head["status"] == 503
    assert (b"retry-after", b"5") in head["headers"]
    assert b"ServerEnding" in body["body"]


@pytest.mark.parametrize(("begins", "kind"), [(True, "http"), (False, "websocket")])
def test_what_was_begun_stays_cut_off(*, begins: bool, kind: str) -> None:
    with pytest.raises(asyncio.CancelledError):
        sent_when_cut_off(begins=begins, kind=kind)


@pytest.mark.parametrize(
    ("error", "told"), [(asyncio.CancelledError(), []), (ValueError("no"), ["it failed"]), (None, ["it failed"])]
)
def test_only_what_went_wrong_is_told_in_the_log(error: BaseException | None, told: list[str]) -> None:
    heard = listened_to(error)

    assert heard == told


def listened_to(error: BaseException | None) -> list[str]:
    """What is left of a line with this error in a log that leaves out what was cut off."""
    heard: list[str] = []

    class Hearing(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(record.getMessage())

    log = logging.Logger("uvicorn.error")  # noqa: LOG001  # of its own, so that no other test hears it
    log.addHandler(Hearing())
    log.addFilter(without_cut_off)
    log.error("it failed", exc_info=error)
    return heard
