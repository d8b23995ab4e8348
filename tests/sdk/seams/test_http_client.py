"""http.client and urllib.request, recorded and replayed."""

import http.client
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.sdk.seams.server import EVENTS, serving
from tests.sdk.seams.stage import Program, patience, play


def with_urlopen(path: str) -> Program:
    def program(url: str) -> Any:
        try:
            with urllib.request.urlopen(url + path, timeout=patience(path)) as response:
                return response.status, list(response.headers.items()), response.read(), response.url[len(url) :]
        except OSError as error:
            found = getattr(error, "reason", None)
            return type(error), str(error), type(found), getattr(error, "code", None)
        except http.client.HTTPException as error:
            return type(error), error.args

    return program


@pytest.mark.parametrize(
    "path", ["/whole", "/empty", "/busy", "/redirect", "/strange", "/stream", "/reset", "/short", "/slow", "/stalling"]
)
def test_what_urlopen_gave_comes_again(path: str) -> None:
    played = play(with_urlopen(path))

    assert played.replayed == played.recorded


def test_what_was_compressed_is_kept_readable() -> None:
    played = play(with_urlopen("/gzip"))

    assert played.answer.body == b'{"zipped": true}' * 50
    assert played.replayed[2] == played.answer.body


def test_nobody_at_home_is_recorded_too() -> None:
    with serving() as gone:
        pass

    played = play(with_urlopen("/whole"), gone)

    assert played.recorded[0] is urllib.error.URLError
    assert played.replayed == played.recorded


def test_a_connection_that_stays_open_serves_several_calls() -> None:
    def program(url: str) -> Any:
        connection = http.client.HTTPConnection(urlsplit(url).netloc)
        seen: list[Any] = []
        for number in range(3):
            connection.request("POST", f"/whole?{number}", body=f"body {number}")
            response = connection.getresponse()
            seen.append((response.status, response.read()))
        connection.close()
        return seen

    played = play(program)

    assert played.replayed == played.recorded
    assert [call.request.body for call in played.memory.calls] == [b"body 0", b"body 1", b"body 2"]


def test_a_body_sent_bit_by_bit_is_part_of_the_request() -> None:
    def program(url: str) -> Any:
        connection = http.client.HTTPConnection(urlsplit(url).netloc)
        connection.putrequest("POST", "/whole")
        connection.putheader("Content-Length", "7")
        connection.endheaders()
        connection.send(b"one ")
        connection.send(b"two")
        body = connection.getresponse().read()
        connection.close()
        return body

    played = play(program)

    assert b'"one two"' in played.recorded
    assert played.replayed == played.recorded
    assert played.memory.calls[0].request.body == b"one two"


def test_a_stream_is_read_line_by_line() -> None:
    def program(url: str) -> Any:
        seen: list[bytes] = []
        with urllib.request.urlopen(url + "/stream") as response:
            while line := response.readline():
                seen.append(line)
        return seen

    played = play(program)

    assert b"".join(played.recorded) == b"".join(EVENTS)
    assert played.replayed == played.recorded


def test_a_stream_that_is_left_early_is_not_complete() -> None:
    def program(url: str) -> Any:
        with urllib.request.urlopen(url + "/stream") as response:
            return response.read(8)

    played = play(program)

    assert played.replayed == played.recorded == EVENTS[0][:8]
    assert not played.answer.complete
