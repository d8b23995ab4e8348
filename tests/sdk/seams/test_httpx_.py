"""httpx and httpx2, recorded and replayed."""

import asyncio
import json
import ssl
from collections.abc import Callable
from types import ModuleType
from typing import Any

import httpx
import httpx2
import pytest

from agentreplay.playback.patch import parse
from agentreplay.playback.player import Plan
from agentreplay.sdk.boundary import Boundary
from tests.sdk.seams.server import EVENTS, ZIPPED, requests_seen, serving
from tests.sdk.seams.stage import Memory, fork, patience, play, record, run

LIBRARIES = pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
Told = Callable[[Any], Any]
TLS = ssl.create_default_context()
"""Nothing here is encrypted, and to read all certificates for each client takes longer than what it is about."""


def whole(response: Any) -> Any:
    return response.status_code, dict(response.headers), response.content, response.http_version, response.reason_phrase


def get(library: Any, path: str, **named: Any) -> Any:
    def program(url: str) -> Any:
        with library.Client(verify=TLS, **named) as client:
            return whole(client.get(url + path))

    return program


def get_async(library: Any, path: str, **named: Any) -> Any:
    async def main(url: str) -> Any:
        async with library.AsyncClient(verify=TLS, **named) as client:
            return whole(await client.get(url + path))

    return lambda url: asyncio.run(main(url))


def stream(library: Any, path: str, leave_after: int = 100) -> Any:
    def program(url: str) -> Any:
        seen: list[Any] = []
        try:
            with (
                library.Client(verify=TLS, timeout=patience(path)) as client,
                client.stream("POST", url + path, json={"a": 1}) as response,
            ):
                seen.append(response.status_code)
                for piece in response.iter_bytes():
                    seen.append(piece)
                    if len(seen) > leave_after:
                        break
        except library.HTTPError as error:
            seen.append((type(error), str(error), str(error.request.url)[len(url) :]))
        return seen

    return program


def stream_async(library: Any, path: str, leave_after: int = 100) -> Any:
    async def main(url: str) -> Any:
        seen: list[Any] = []
        try:
            async with (
                library.AsyncClient(verify=TLS, timeout=patience(path)) as client,
                client.stream("POST", url + path, json={"a": 1}) as response,
            ):
                seen.append(response.status_code)
                async for piece in response.aiter_bytes():
                    seen.append(piece)
                    if len(seen) > leave_after:
                        break
        except library.HTTPError as error:
            seen.append((type(error), str(error), str(error.request.url)[len(url) :]))
        return seen

    return lambda url: asyncio.run(main(url))


@LIBRARIES
@pytest.mark.parametrize("ask", [get, get_async])
@pytest.mark.parametrize("path", ["/whole?q=1", "/empty", "/busy", "/redirect", "/strange"])
def test_a_whole_answer_comes_again(library: ModuleType, ask: Any, path: str) -> None:
    played = play(ask(library, path))

    assert played.replayed == played.recorded


@LIBRARIES
@pytest.mark.parametrize("ask", [get, get_async])
def test_a_request_is_told_without_its_query_in_the_operation(library: ModuleType, ask: Any) -> None:
    played = play(ask(library, "/whole?q=1"))

    request = played.memory.calls[0].request
    assert request.operation.startswith("GET 127.0.0.1:")
    assert request.operation.endswith("/whole")
    assert str(request.head["url"]).endswith("/whole?q=1")
    assert request.head["headers"]["accept"] == "*/*"
    assert request.body == b""


@LIBRARIES
@pytest.mark.parametrize("ask", [get, get_async])
def test_each_hop_of_a_redirect_is_a_call(library: ModuleType, ask: Any) -> None:
    played = play(ask(library, "/redirect", follow_redirects=True))

    assert played.replayed == played.recorded
    assert [answer.head["status"] for answer in played.memory.answers] == [302, 200]


@LIBRARIES
@pytest.mark.parametrize("ask", [get, get_async])
def test_what_was_compressed_is_kept_readable(library: ModuleType, ask: Any) -> None:
    played = play(ask(library, "/gzip"))

    assert played.answer.body == b'{"zipped": true}' * 50
    assert not {"content-encoding", "content-length"} & {name.lower() for name, _ in played.answer.head["headers"]}
    assert played.recorded[1]["content-encoding"] == "gzip"
    assert played.replayed[2] == played.recorded[2]


@LIBRARIES
@pytest.mark.parametrize("ask", [stream, stream_async])
def test_a_stream_keeps_its_pieces(library: ModuleType, ask: Any) -> None:
    played = play(ask(library, "/stream"))

    assert played.recorded == [200, *EVENTS]
    assert played.replayed == played.recorded
    assert played.answer.complete
    assert sum(chunk.after for chunk in played.answer.chunks) > 10**8


@LIBRARIES
@pytest.mark.parametrize("ask", [stream, stream_async])
def test_a_compressed_stream_keeps_its_pieces(library: ModuleType, ask: Any) -> None:
    played = play(ask(library, "/zipped"))

    assert played.recorded == [200, *ZIPPED]
    assert played.replayed == played.recorded


@LIBRARIES
@pytest.mark.parametrize("ask", [stream, stream_async])
def test_a_stream_that_is_left_early_is_not_complete(library: ModuleType, ask: Any) -> None:
    played = play(ask(library, "/stream", leave_after=2))

    assert played.recorded == [200, *EVENTS[:2]]
    assert played.replayed == played.recorded
    assert not played.answer.complete


@LIBRARIES
@pytest.mark.parametrize("ask", [stream, stream_async])
@pytest.mark.parametrize("path", ["/abort", "/reset", "/short", "/slow", "/stalling"])
def test_what_went_wrong_goes_wrong_again(library: ModuleType, ask: Any, path: str) -> None:
    played = play(ask(library, path))

    assert issubclass(played.recorded[-1][0], library.TransportError)
    assert played.replayed == played.recorded


@LIBRARIES
@pytest.mark.parametrize("ask", [stream, stream_async])
def test_nobody_at_home_is_recorded_too(library: ModuleType, ask: Any) -> None:
    with serving() as gone:
        pass

    played = play(ask(library, "/whole"), gone)

    assert played.recorded[-1][0] is library.ConnectError
    assert played.replayed == played.recorded


@LIBRARIES
def test_an_answer_is_kept_before_the_program_has_its_last_event(library: Any) -> None:
    kept: list[int] = []
    memory = Memory()

    def program(url: str) -> None:
        with library.Client(verify=TLS) as client, client.stream("GET", url + "/stream") as response:
            kept.extend(len(memory.calls) for _ in response.iter_bytes())

    with serving() as url:
        run(Boundary(memory), program, url)

    assert kept == [0, 0, 0, 1]


@LIBRARIES
def test_concurrent_streams_come_in_their_order(library: Any) -> None:
    async def main(url: str) -> list[Any]:
        seen: list[Any] = []

        async def one(client: Any, name: int) -> None:
            async with client.stream("GET", f"{url}/stream?{name}") as response:
                async for piece in response.aiter_bytes():
                    seen.append((name, piece))  # noqa: PERF401  # the others must see it at once

        async with library.AsyncClient(verify=TLS) as client, asyncio.TaskGroup() as group:
            for name in range(3):
                group.create_task(one(client, name))
                await asyncio.sleep(0.01)
        return seen

    played = play(lambda url: asyncio.run(main(url)))

    assert played.replayed == played.recorded
    assert {call.address.path for call in played.memory.calls} == {f"main/main-1/one-{n}" for n in (1, 2, 3)}


@LIBRARIES
def test_a_body_that_can_be_read_once_is_sent_and_kept(library: Any) -> None:
    async def parts() -> Any:
        yield b"one "
        yield b"two"

    async def main(url: str) -> Any:
        async with library.AsyncClient(verify=TLS) as client:
            return (await client.post(url + "/whole", content=parts())).json()

    played = play(lambda url: asyncio.run(main(url)))

    assert played.recorded["got"] == "one two"
    assert played.replayed == played.recorded
    assert played.memory.calls[0].request.body == b"one two"


@LIBRARIES
@pytest.mark.parametrize("color", ["sync", "async"])
def test_a_fork_asks_something_else(library: Any, color: str) -> None:
    async def main(url: str) -> Any:
        async with library.AsyncClient(verify=TLS) as client:
            return (await client.post(url + "/whole", json={"model": "a"})).json()

    def program(url: str) -> Any:
        if color == "async":
            return asyncio.run(main(url))
        with library.Client(verify=TLS) as client:
            return client.post(url + "/whole", json={"model": "a"}).json()

    with serving() as url:
        memory, _, _ = record(program, url)
        kept, result = fork(memory, Plan(at=1, patches=(parse("request.body.model=better"),)), program, url)

    assert json.loads(result["got"]) == {"model": "better"}
    assert kept.answers[0].head["status"] == 200


@LIBRARIES
@pytest.mark.parametrize("ask", [stream, stream_async])
def test_a_script_answers_instead_of_the_network(library: ModuleType, ask: Any) -> None:
    memory, recorded, url = record(ask(library, "/stream"))
    seen = len(requests_seen())

    kept, result = fork(
        memory, Plan(at=1, tail="script"), ask(library, "/stream"), url, script=lambda _: memory.answers[0]
    )

    assert result == recorded
    assert len(requests_seen()) == seen
    assert kept.answers[0].body == memory.answers[0].body
    assert [chunk.size for chunk in kept.answers[0].chunks] == [chunk.size for chunk in memory.answers[0].chunks]


@LIBRARIES
@pytest.mark.parametrize("ask", [get, get_async])
def test_a_fork_changes_the_answer_and_its_length(library: ModuleType, ask: Any) -> None:
    memory, _, url = record(ask(library, "/whole"))

    _, result = fork(
        memory, Plan(at=1, patches=(parse("answer.body.path=elsewhere entirely"),)), ask(library, "/whole"), url
    )

    assert json.loads(result[2])["path"] == "elsewhere entirely"
    assert int(result[1]["content-length"]) == len(result[2])


@LIBRARIES
@pytest.mark.parametrize("way", ["timeout", "wait_for"])
@pytest.mark.parametrize("path", ["/stalling", "/slow"])
def test_a_call_that_was_cancelled_by_a_timeout_is_so_again(library: Any, way: str, path: str) -> None:
    seen: list[Any] = []

    async def ask(url: str) -> None:
        async with library.AsyncClient(verify=TLS) as client, client.stream("GET", url + path) as response:
            async for piece in response.aiter_bytes():
                seen.append(piece)  # noqa: PERF401  # what came before it is cancelled must be there

    async def main(url: str) -> Any:
        seen.clear()
        try:
            if way == "wait_for":
                await asyncio.wait_for(ask(url), 0.4)
            async with asyncio.timeout(0.4):
                await ask(url)
        except BaseException as error:  # noqa: BLE001  # that is what it is about
            seen.append(type(error))
        return list(seen)

    played = play(lambda url: asyncio.run(main(url)))

    assert played.recorded == [*(EVENTS[:2] if path == "/stalling" else []), TimeoutError]
    assert not played.answer.complete
    assert played.answer.raised is not None
    assert played.answer.raised.name == "CancelledError"
    assert played.replayed == played.recorded


@LIBRARIES
def test_a_call_that_was_cancelled_by_the_program_is_so_again(library: Any) -> None:
    async def ask(url: str) -> None:
        async with asyncio.timeout(600), library.AsyncClient(verify=TLS) as client:
            await client.get(url + "/slow")

    async def main(url: str) -> Any:
        task = asyncio.create_task(ask(url))
        await asyncio.sleep(0.2)
        task.cancel()
        return await asyncio.gather(task, return_exceptions=True)

    played = play(lambda url: [type(item) for item in asyncio.run(main(url))])

    assert played.recorded == [asyncio.CancelledError]
    assert not played.answer.complete
    assert played.replayed == played.recorded


def test_other_transports_are_none_of_our_business() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text="mocked"))

    def program(_: str) -> str:
        with httpx.Client(transport=transport) as client:
            return client.get("http://nowhere.invalid/").text

    memory, result, _ = record(program)

    assert result == "mocked"
    assert memory.calls == []
