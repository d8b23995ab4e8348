"""urllib3 and requests, recorded and replayed."""

import json
from typing import Any

import pytest
import requests
import urllib3
from urllib3.util.retry import Retry

from agentreplay.playback.patch import parse
from agentreplay.playback.player import Plan
from tests.sdk.seams import stage
from tests.sdk.seams.server import EVENTS, requests_seen, serving
from tests.sdk.seams.stage import Program, fork, patience, play, record


def with_requests(path: str, **named: Any) -> Program:
    def program(url: str) -> Any:
        with requests.Session() as session:
            response = session.get(url + path, **named)
            hops = [(hop.status_code, hop.headers["Location"]) for hop in response.history]
            return response.status_code, dict(response.headers), response.content, response.reason, hops

    return program


def with_pool(path: str, *, preload: bool) -> Program:
    def program(url: str) -> Any:
        with urllib3.PoolManager() as pool:
            response = pool.request("GET", url + path, preload_content=preload)
            return response.status, dict(response.headers), response.data, response.reason, response.version

    return program


def stream(path: str, method: str = "iter_content", leave_after: int = 100) -> Program:
    def program(url: str) -> Any:
        seen: list[Any] = []
        try:
            with requests.post(url + path, json={"a": 1}, stream=True, timeout=patience(path)) as response:
                seen.append(response.status_code)
                parts = response.iter_content(None) if method == "iter_content" else response.iter_lines(64)
                for part in parts:
                    seen.append(part)
                    if len(seen) > leave_after:
                        break
        except requests.RequestException as error:
            seen.append((type(error), type(error.__context__), type(getattr(error.args[0], "reason", None))))
        return seen

    return program


@pytest.mark.parametrize("path", ["/whole?q=1", "/empty", "/busy", "/redirect", "/strange"])
def test_a_whole_answer_comes_again(path: str) -> None:
    for program in (with_requests(path), with_pool(path, preload=True), with_pool(path, preload=False)):
        played = play(program)

        assert played.replayed == played.recorded


def test_each_hop_of_a_redirect_is_a_call() -> None:
    played = play(with_requests("/redirect"))

    assert [answer.head["status"] for answer in played.memory.answers] == [302, 200]
    assert played.recorded[4] == [(302, "/whole")]


def test_each_attempt_is_a_call() -> None:
    def program(url: str) -> Any:
        with urllib3.PoolManager(retries=Retry(2, status_forcelist=[429], raise_on_status=False)) as pool:
            return pool.request("GET", url + "/busy").status

    played = play(program)

    assert [answer.head["status"] for answer in played.memory.answers] == [429, 429, 429]


@pytest.mark.parametrize("preload", [True, False])
def test_what_was_compressed_is_kept_readable(preload: bool) -> None:  # noqa: FBT001  # one test, two ways
    played = play(with_pool("/gzip", preload=preload))

    assert played.answer.body == b'{"zipped": true}' * 50
    assert played.replayed[2] == played.recorded[2] == played.answer.body


def test_a_stream_keeps_its_pieces() -> None:
    played = play(stream("/stream"))

    assert played.recorded == [200, *EVENTS]
    assert played.replayed == played.recorded
    assert [chunk.size for chunk in played.answer.chunks] == [len(event) for event in EVENTS]
    assert sum(chunk.after for chunk in played.answer.chunks) > 10**8


def test_lines_come_as_they_came() -> None:
    played = play(stream("/stream", "iter_lines"))

    assert played.replayed == played.recorded


def test_a_compressed_stream_keeps_its_pieces() -> None:
    stage.keeps_the_pieces_of_what_was_compressed(stream)


def test_a_stream_that_is_left_early_is_not_complete() -> None:
    stage.is_not_complete_when_left_early(stream)


@pytest.mark.parametrize("path", ["/abort", "/reset", "/short", "/slow", "/stalling"])
def test_what_went_wrong_goes_wrong_again(path: str) -> None:
    played = play(stream(path))

    assert issubclass(played.recorded[-1][0], requests.RequestException)
    assert played.replayed == played.recorded


def test_nobody_at_home_is_recorded_too() -> None:
    with serving() as gone:
        pass

    played = play(stream("/whole"), gone)

    assert played.recorded[-1][0] is requests.ConnectionError
    assert played.recorded[-1][2] is urllib3.exceptions.NewConnectionError
    assert played.replayed == played.recorded


def test_a_connection_is_used_again_after_a_served_call() -> None:
    def program(url: str) -> Any:
        with requests.Session() as session:
            return [session.get(f"{url}/whole?{number}").json()["path"] for number in range(3)]

    with serving() as url:
        memory, recorded, _ = record(program, url)
        seen = len(requests_seen())
        _, result = fork(memory, Plan(at=2), program, url)

    assert result == recorded
    assert len(requests_seen()) == seen + 2


def test_a_body_that_can_be_read_once_is_sent_and_kept() -> None:
    def program(url: str) -> Any:
        return requests.post(url + "/whole", data=(part for part in (b"one ", b"two")), timeout=5).json()

    played = play(program)

    assert played.recorded["got"] == "one two"
    assert played.replayed == played.recorded
    assert played.memory.calls[0].request.body == b"one two"


def test_a_fork_asks_something_else() -> None:
    def program(url: str) -> Any:
        return requests.post(url + "/whole", json={"model": "a"}, timeout=5).json()

    with serving() as url:
        memory, _, _ = record(program, url)
        _, result = fork(memory, Plan(at=1, patches=(parse("request.body.model=better"),)), program, url)

    assert json.loads(result["got"]) == {"model": "better"}


def test_a_script_answers_instead_of_the_network() -> None:
    stage.is_answered_by_a_script(stream)
