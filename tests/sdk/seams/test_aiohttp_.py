"""aiohttp, recorded and replayed."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from agentreplay.playback.patch import parse
from agentreplay.playback.player import Plan
from tests.sdk.seams import stage
from tests.sdk.seams.server import EVENTS, serving
from tests.sdk.seams.stage import Program, fork, play, record


def get(path: str, **named: Any) -> Program:
    async def main(url: str) -> Any:
        async with aiohttp.ClientSession() as session, session.get(url + path, **named) as response:
            hops = [(hop.status, hop.headers["Location"]) for hop in response.history]
            cookies = {name: item.value for name, item in response.cookies.items()}
            return response.status, dict(response.headers), await response.text(), response.reason, hops, cookies

    return lambda url: asyncio.run(main(url))


def stream(path: str, leave_after: int = 100, method: str = "iter_any") -> Program:
    async def main(url: str) -> Any:
        seen: list[Any] = []
        limit = aiohttp.ClientTimeout(total=60, sock_read=stage.patience(path))
        try:
            async with (
                aiohttp.ClientSession(timeout=limit) as session,
                session.post(url + path, json={"a": 1}) as response,
            ):
                seen.append(response.status)
                async for piece in getattr(response.content, method)():
                    seen.append(piece)
                    if len(seen) > leave_after:
                        break
        except (aiohttp.ClientError, TimeoutError) as error:
            seen.append((type(error), str(error)))
        return seen

    return lambda url: asyncio.run(main(url))


@pytest.mark.parametrize("path", ["/whole?q=1", "/empty", "/busy", "/redirect"])
def test_a_whole_answer_comes_again(path: str) -> None:
    played = play(get(path))

    assert played.replayed == played.recorded


def test_each_hop_of_a_redirect_is_a_call() -> None:
    played = play(get("/redirect"))

    assert [answer.head["status"] for answer in played.memory.answers] == [302, 200]
    assert played.recorded[4] == [(302, "/whole")]


def test_what_was_compressed_is_kept_readable() -> None:
    played = play(get("/gzip"))

    assert played.answer.body == b'{"zipped": true}' * 50
    assert played.replayed[2] == played.recorded[2]


def test_json_and_a_bad_status_are_the_library_s_own() -> None:
    async def main(url: str) -> Any:
        async with aiohttp.ClientSession() as session, session.get(url + "/busy") as response:
            found = await response.json()
            try:
                response.raise_for_status()
            except aiohttp.ClientResponseError as error:
                return found, error.status, error.message, str(error.request_info.real_url)
        return None

    played = play(lambda url: asyncio.run(main(url)))

    assert played.recorded[:2] == ({"error": "slow down"}, 429)
    assert played.replayed == played.recorded


@pytest.mark.parametrize("method", ["iter_any", "iter_chunks", "__aiter__"])
def test_a_stream_keeps_its_pieces(method: str) -> None:
    played = play(stream("/stream", method=method))

    assert played.replayed == played.recorded
    assert [chunk.size for chunk in played.answer.chunks] == [len(event) for event in EVENTS]


def test_a_compressed_stream_keeps_its_pieces() -> None:
    stage.keeps_the_pieces_of_what_was_compressed(stream)


def test_a_stream_that_is_left_early_is_not_complete() -> None:
    stage.is_not_complete_when_left_early(stream)


@pytest.mark.parametrize("path", ["/abort", "/reset", "/short", "/slow", "/stalling"])
def test_what_went_wrong_goes_wrong_again(path: str) -> None:
    played = play(stream(path))

    assert isinstance(played.recorded[-1], tuple)
    assert played.replayed == played.recorded


def test_nobody_at_home_is_recorded_too() -> None:
    with serving() as gone:
        pass

    played = play(stream("/whole"), gone)

    assert played.recorded[-1][0] is aiohttp.ClientConnectorError
    assert played.replayed == played.recorded


def test_a_body_that_can_be_read_once_is_sent_and_kept() -> None:
    async def parts() -> Any:
        yield b"one "
        yield b"two"

    async def main(url: str) -> Any:
        async with aiohttp.ClientSession() as session, session.post(url + "/whole", data=parts()) as response:
            return await response.json()

    played = play(lambda url: asyncio.run(main(url)))

    assert played.recorded["got"] == "one two"
    assert played.replayed == played.recorded
    assert played.memory.calls[0].request.body == b"one two"


def test_a_fork_asks_something_else() -> None:
    async def main(url: str) -> Any:
        async with aiohttp.ClientSession() as session, session.post(url + "/whole", json={"model": "a"}) as response:
            return await response.json()

    def program(url: str) -> Any:
        return asyncio.run(main(url))

    with serving() as url:
        memory, _, _ = record(program, url)
        _, result = fork(memory, Plan(at=1, patches=(parse("request.body.model=better"),)), program, url)

    assert json.loads(result["got"]) == {"model": "better"}


def test_a_script_answers_instead_of_the_network() -> None:
    stage.is_answered_by_a_script(stream)


def test_a_cancelled_call_is_cancelled_again() -> None:
    async def main(url: str) -> Any:
        seen: list[Any] = []
        try:
            async with (
                asyncio.timeout(0.4),
                aiohttp.ClientSession() as session,
                session.get(url + "/stalling") as response,
            ):
                async for piece in response.content.iter_any():
                    seen.append(piece)  # noqa: PERF401  # what came before it is cancelled must be there
        except BaseException as error:  # noqa: BLE001  # that is what it is about
            seen.append(type(error))
        return seen

    played = play(lambda url: asyncio.run(main(url)))

    assert played.recorded == [*EVENTS[:2], TimeoutError]
    assert not played.answer.complete
    assert played.replayed == played.recorded
