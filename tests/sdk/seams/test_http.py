"""What all seams of HTTP share."""

import gzip
import time

import httpx
import pytest

from agentreplay.core.http import request
from agentreplay.model.call import Answer
from agentreplay.playback import order
from agentreplay.playback.player import Player
from agentreplay.sdk import tasks
from agentreplay.sdk.boundary import Boundary, Pending
from agentreplay.sdk.seams import http
from tests.sdk.seams.server import serving
from tests.sdk.seams.stage import Memory, play, record, replay, run, tape_of


def begun(memory: Memory) -> Pending:
    tasks.start_at("main")
    pending = Boundary(memory).begin(request("GET", "http://a/b", [], b""))
    assert pending is not None
    return pending


def kept(memory: Memory, *headers: tuple[str, str]) -> http.Kept:
    found = http.Kept(begun(memory), time.perf_counter_ns(), status=200, headers=headers)
    found.begin()
    return found


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.openai.com/v1/traces/ingest", True),
        ("https://api.openai.com/v1/responses", False),
        ("https://us.i.posthog.com/batch/", True),
        ("https://notposthog.com/batch/", False),
        ("https://api.smith.langchain.com/runs/multipart", True),
        ("https://api.smith.langchain.com/commits/prompt", False),
        ("http://[broken", False),
    ],
)
def test_reports_of_libraries_are_apart(url: str, expected: bool) -> None:  # noqa: FBT001  # an example
    if "[" in url:
        assert http.ask(Boundary(Memory()), "GET", url, [], b"") is None
    else:
        assert http.is_apart(url) is expected


def test_what_is_apart_passes_unrecorded_and_is_answered_with_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_APART", (("127.0.0.1", "/whole"),))

    def program(url: str) -> tuple[int, bytes]:
        response = httpx.get(url + "/whole")
        return response.status_code, response.content

    memory, recorded, url = record(program)
    _, replayed = replay(memory, program, url)

    assert recorded[0] == 200
    assert memory.calls == []
    assert replayed == (202, b"")


def test_what_cannot_be_decoded_is_kept_as_it_came() -> None:
    memory = Memory()
    whole = gzip.compress(b"text" * 100)
    body = kept(memory, ("Content-Encoding", "gzip"), ("Content-Type", "text/plain"))

    body.took(whole[:10])
    body.took(b"\xff" * 30)
    body.ended()

    answer = memory.answers[0]
    assert answer.body == whole[:10] + b"\xff" * 30
    assert [chunk.size for chunk in answer.chunks] == [10, 30]
    assert ["Content-Encoding", "gzip"] in answer.head["headers"]


def test_a_body_is_kept_as_soon_as_it_has_its_length() -> None:
    memory = Memory()
    body = kept(memory, ("Content-Length", "4"))

    body.took(b"ab")
    assert memory.calls == []
    body.took(b"cd")

    assert memory.answers[0].body == b"abcd"
    assert memory.answers[0].complete


def test_an_event_that_ends_a_stream_may_come_in_several_pieces() -> None:
    memory = Memory()
    body = kept(memory, ("content-type", "text/event-stream"))

    for piece in (b"event: response.comp", b"leted\nda", b"ta: {}\n"):
        body.took(piece)
        assert memory.calls == []
    body.took(b"\n")

    assert memory.answers[0].body.endswith(b"data: {}\n\n")


def test_a_model_that_speaks_of_the_end_does_not_end_the_stream() -> None:
    memory = Memory()
    body = kept(memory, ("content-type", "text/event-stream"))

    body.took(b'data: {"text": "data: [DONE]\\n\\n"}\n\n')

    assert memory.calls == []


def test_the_length_told_is_that_of_the_body() -> None:
    head = {"headers": [["Content-Length", "3"], ["A", "b"]]}

    assert http.headers_of(Answer(head=head, body=b"12345")) == [("Content-Length", "5"), ("A", "b")]
    assert http.headers_of(Answer(head=head, body=b"1", complete=False))[0] == ("Content-Length", "3")


def test_the_tasks_a_library_starts_to_perform_a_call_are_not_counted() -> None:
    def program(url: str) -> list[str]:
        httpx.get(url + "/whole")
        return [tasks.current().child("next").path]

    played = play(program)

    assert played.replayed == played.recorded == ["main/next-1"]


def test_nothing_waits_for_what_the_program_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "_PATIENCE", 60.0)

    def program(url: str) -> None:
        with httpx.Client() as client, client.stream("GET", url + "/stream") as response:
            for _ in response.iter_bytes():
                pass

    def hasty(url: str) -> int:
        with httpx.Client() as client:
            with client.stream("GET", url + "/stream"):
                pass
            return client.get(url + "/whole").status_code

    def patient(url: str) -> int:
        program(url)
        return httpx.get(url + "/whole").status_code

    with serving() as url:
        memory, _, _ = record(patient, url)
    player = Player(tape_of(memory))
    started = time.perf_counter()

    assert run(Boundary(player=player), hasty, url) == 200
    assert player.order.skipped == 0
    assert time.perf_counter() - started < 50
