"""Tapes of every origin are served, as far as they went to models through an address the gateway knows."""

import json

import pytest

from agentreplay.core.http import request
from agentreplay.core.redact import Redactor
from agentreplay.errors import StepMissing, ValueInvalid
from agentreplay.model.call import Address, Answer, Call, Request, Site
from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.session import Session
from agentreplay.playback.canonical import digest
from agentreplay.playback.tape import Tape
from agentreplay.server.gateway.playing import Manner, Playing, headers_of
from agentreplay.server.gateway.sessions import HeadRedactor
from agentreplay.server.gateway.upstreams import read_upstreams

SALT = b"salt"


def asked(text: str, key: str = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789") -> Request:
    body = {"model": "m", "messages": [{"role": "user", "content": f"{text}, my key is {key}"}]}
    head = [("authorization", f"Bearer {key}"), ("content-type", "application/json")]
    return request("POST", "https://api.openai.com/v1/chat/completions", head, json.dumps(body).encode())


def recorded_by_the_sdk(*texts: str) -> Tape:
    """With addresses of tasks, a tool around the last call, and redacted as a recorder does it."""
    redactor = HeadRedactor(Redactor(salt=SALT), SALT)
    site = Site("agent.py", 3, "main")
    calls: list[Call] = []
    for number, text in enumerate(texts, 1):
        kept = redactor.request(asked(text))
        answer = Answer(head={"status": 200, "headers": [["Content-Length", "1"]]}, body=text.encode())
        address = Address("main:9", number)
        calls.append(Call(address=address, site=site, request=kept, digest=digest(kept), answer=answer, seq=number))
    tool = Call(
        address=Address("main", 9),
        site=site,
        request=Request(seam="tool", operation="ask"),
        digest="t",
        answer=Answer(),
        seq=9,
    )
    session = Session(tenant=TenantId("t"), project=ProjectId("p"), id=SessionId("s"))
    return Tape(session, is_finished=True, calls=(*calls, tool), salt=SALT)


def playing(manner: Manner = Manner()) -> Playing:  # noqa: B008  # it is frozen
    redactor = HeadRedactor(Redactor(salt=SALT), SALT)
    return Playing(recorded_by_the_sdk("a", "b"), manner, read_upstreams([]), redactor)


def test_what_the_sdk_recorded_is_served_to_a_program_that_asks_the_gateway() -> None:
    played = playing()

    answers = [played.meet(played.prepared(asked(text))).outcome.answer for text in ("a", "b")]

    assert [answer.body for answer in answers if answer] == [b"a", b"b"]
    assert played.verdict().status == "identical"


def test_behind_a_stop_everything_is_stopped() -> None:
    played = playing()

    first, second = (played.meet(played.prepared(asked(text))).outcome for text in ("other", "a"))

    assert first.divergence is not None
    assert second.divergence == first.divergence
    assert "asks for something else" in played.why(first.divergence)


def test_a_fork_behind_the_last_call_goes_live() -> None:
    played = playing(Manner(at="last"))

    outcomes = [played.meet(played.prepared(asked(text))).outcome for text in ("a", "b", "new")]

    assert [outcome.answer is not None for outcome in outcomes] == [True, True, False]
    assert outcomes[-1].divergence is None


@pytest.mark.parametrize(
    ("manner", "error"),
    [
        (Manner(at="9"), StepMissing),
        (Manner(at="1", patches=("nonsense",)), ValueInvalid),
        (Manner(at="1", patches=("system=x",)), ValueInvalid),
    ],
)
def test_a_fork_that_does_not_fit_is_refused(manner: Manner, error: type[Exception]) -> None:
    with pytest.raises(error):
        playing(manner)


def test_a_served_answer_tells_its_length_anew() -> None:
    answer = Answer(head={"status": 200, "headers": [["Content-Length", "1"], ["X-A", "b"]]}, body=b"long")

    assert headers_of(answer) == [(b"x-a", b"b")]
