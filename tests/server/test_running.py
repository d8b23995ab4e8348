"""The whole server, as a user starts it: what it takes in is readable, what it refuses is told, nothing kills it."""

import contextlib
import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agentreplay.store.sqlite.lock import locked
from tests.server.requests import trace_request
from tests.server.running import ROOT, Running, running, spans_of, waited_for

pytestmark = pytest.mark.slow

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstd.compress,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("server"), "--max-body", "1") as started:
        yield started


def names(running: Running) -> set[str]:
    return {span.name for span in spans_of(running.folder)}


def exchanged(server: Running, text: bytes, seconds: float = 5) -> bytes:
    """What comes back for raw bytes, until the server closes or the time is over."""
    with socket.create_connection(("127.0.0.1", server.http[0]), timeout=seconds) as connection:
        connection.sendall(text)
        answer = b""
        try:
            while part := connection.recv(4096):
                answer += part
        except (TimeoutError, ConnectionResetError):
            pass
    return answer


def test_what_was_acknowledged_is_visible_within_two_seconds(server: Running) -> None:
    body = trace_request(2, first=100).SerializeToString()

    answer = server.post(body)

    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b"", "application/x-protobuf")
    began = time.monotonic()
    assert waited_for(lambda: server.ask("/readyz").json["lag"]["bytes"] == 0)
    assert time.monotonic() - began < 15, "two seconds on a machine that is not busy"
    assert {"span 100", "span 101"} <= names(server)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
def test_compressed_requests_are_taken_in(server: Running, coding: str) -> None:
    first = {"gzip": 200, "deflate": 210, "zstd": 220}[coding]
    body = trace_request(1, first=first).SerializeToString()
    packed = PACKERS[coding](body)

    assert server.post(packed, content_encoding=coding).status == 200
    assert f"span {first}" in names(server)


def test_json_is_answered_in_json_and_partial_success_is_told(server: Running) -> None:
    span = {"traceId": f"{300:032x}", "spanId": f"{300:016x}", "name": "json", "startTimeUnixNano": "5"}
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [span, {**span, "spanId": ""}]}]}]}

    answer = server.post(json.dumps(body).encode(), media="application/json; charset=utf-8")

    assert answer.status == 200
    assert answer.json["partialSuccess"]["rejectedSpans"] == "1"
    assert "json" in names(server)


def test_the_header_names_the_project(server: Running) -> None:
    for first, header in ((400, "x_agentreplay_project"), (401, "x_project_name")):
        assert server.post(trace_request(1, first=first).SerializeToString(), **{header: f"p{first}"}).status == 200

    assert {span.project for span in spans_of(server.folder) if span.name in {"span 400", "span 401"}} == {
        "p400",
        "p401",
    }
    assert server.post(b"", x_project_name="x" * 600).status == 400


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (400, b"nonsense", {}),
        (400, trace_request(3).SerializeToString()[:-3], {}),
        (400, b"not gzip", {"content_encoding": "gzip"}),
        (400, gzip.compress(b"x" * 1000, mtime=0)[:-9], {"content_encoding": "gzip"}),
        (400, b"{", {"media": "application/json"}),
        (400, b'{"resourceSpans": "no"}', {"media": "application/json"}),
        (400, b"[" * 100_000, {"media": "application/json"}),
        (413, bytes(1_100_000), {}),
        (413, gzip.compress(bytes(50_000_000), mtime=0), {"content_encoding": "gzip"}),
        (413, zstd.compress(bytes(50_000_000)), {"content_encoding": "zstd"}),
        (415, b"", {"media": "text/plain"}),
        (415, b"", {"content_encoding": "br"}),
    ],
)
def test_bad_requests_are_refused_with_the_right_status(
    server: Running, status: int, body: bytes, headers: dict[str, Any]
) -> None:
    answer = server.post(body, **headers)

    assert answer.status == status
    if headers.get("media") == "application/json":
        assert set(answer.json) == {"code", "message", "error"}
    assert server.ask("/healthz").status == 200


def test_only_post_is_taken_for_otlp(server: Running) -> None:
    answer = server.ask("/v1/traces")

    assert (answer.status, answer.headers["allow"]) == (405, "POST")


def test_errors_have_one_shape(server: Running) -> None:
    answer = server.ask("/api/v1/nothing")

    assert answer.status == 404
    assert set(answer.json["error"]) == {"kind", "message", "hint"}


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (200, {"Host": "127.0.0.1:1"}),
        (200, {"Host": "localhost"}),
        (200, {"Host": "app.localhost:47100"}),
        (200, {"Host": "[::1]:47100"}),
        (403, {"Host": "evil.example"}),
        (403, {"Host": "127.0.0.1.evil.example:47100"}),
        (403, {"Host": "localhost@evil.example"}),
        (403, {"Host": ""}),
        (200, {"Host": "localhost:5", "Origin": "http://localhost:5"}),
        (403, {"Host": "localhost:5", "Origin": "http://localhost:6"}),
        (403, {"Host": "localhost:5", "Origin": "https://evil.example"}),
        (403, {"Host": "localhost:5", "Origin": "null"}),
    ],
)
def test_pages_and_names_of_others_are_turned_away(server: Running, status: int, headers: dict[str, Any]) -> None:
    answer = server.ask("/api/v1/version", **headers)

    assert answer.status == status
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_a_preflight_of_another_page_is_refused(server: Running) -> None:
    answer = server.ask("/v1/traces", method="OPTIONS", Origin="https://evil.example")

    assert answer.status == 403


def test_the_server_says_what_it_counts(server: Running) -> None:
    server.post(trace_request(1, first=500).SerializeToString())
    server.post(b"nonsense")

    text = server.ask("/metrics").body.decode()

    assert 'agentreplay_acknowledged_items_total{signal="traces",transport="http"}' in text
    assert 'agentreplay_refused_requests_total{kind="RequestMalformed",transport="http"}' in text
    assert 'agentreplay_requests_total{method="POST",route="/v1/traces",status="200"}' in text
    assert "# TYPE agentreplay_lag_seconds gauge" in text


def test_the_version_and_the_document_of_the_api_can_be_read(server: Running) -> None:
    assert server.ask("/api/v1/version").json["api"] == "1"
    assert "/api/v1/version" in server.ask("/api/v1/openapi/openapi.json").json["paths"]


def test_heads_without_end_are_cut_off(server: Running) -> None:
    answer = exchanged(server, b"GET / HTTP/1.1\r\n" + b"X-A: " + b"a" * 66_000)

    # What was not read when the server closes resets the connection, which may take the answer with it.
    assert answer == b"" or answer.startswith(b"HTTP/1.1 431")
    assert server.ask("/healthz").status == 200


def test_what_is_no_http_is_answered_and_closed(server: Running) -> None:
    assert exchanged(server, b"\x16\x03\x01 hello\r\n\r\n").startswith(b"HTTP/1.1 400")


def test_a_body_that_never_ends_does_no_harm(server: Running) -> None:
    head = b"POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\n"

    exchanged(server, head + b"content-length: 100\r\n\r\nabc", seconds=0.2)
    endless = exchanged(server, head + b"transfer-encoding: chunked\r\n\r\n" + b"10000\r\n" + bytes(65536) + b"\r\n")

    assert endless == b"", "it is waited for, and the sender went away"
    assert server.ask("/healthz").status == 200


def test_a_taken_port_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        with running(tmp_path, "--otlp-http", port, "--otlp-grpc", port) as server:
            assert len(server.problems) == 2
            assert all(port in problem for problem in server.problems)
            assert server.post(trace_request().SerializeToString()).status == 200


def test_a_taken_main_port_is_an_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = ["--db-path", str(tmp_path), "up", "--port", str(taken.getsockname()[1])]

        done = subprocess.run(
            [sys.executable, "-m", "agentreplay.cli", *command],
            capture_output=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        )

    assert done.returncode == 7
    assert b"hint: stop what listens there" in done.stderr


def test_nothing_but_loopback_is_served_without_a_key(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "agentreplay.cli", "--db-path", str(tmp_path), "up", "--host", "0.0.0.0"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )

    assert done.returncode == 2
    assert b"AGENTREPLAY_KEY" in done.stderr


def test_with_a_key_only_its_holders_may_ask(tmp_path: Path) -> None:
    body = trace_request().SerializeToString()
    with running(tmp_path, AGENTREPLAY_KEY="the key") as server:
        assert server.ask("/healthz").status == 200
        assert server.ask("/metrics").status == 401
        assert server.post(body).status == 401
        assert server.post(body, authorization="Bearer the keY").status == 401
        assert server.post(body, authorization="Bearer the key").status == 200
        assert server.post(body, x_api_key="the key").status == 200


def test_a_rate_that_is_exceeded_is_told_with_the_time_to_wait(tmp_path: Path) -> None:
    """60 a minute and the burst at once: no machine is so slow that a whole request fits in what comes meanwhile."""
    with running(tmp_path, "--rate", "60") as server:
        answers = [server.post(trace_request(9_000, first=1 + 9_000 * n).SerializeToString()) for n in range(6)]

    assert [answer.status for answer in answers] == [200] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


def test_an_index_that_is_too_far_behind_refuses_more(tmp_path: Path) -> None:
    """Somebody else holds the lock of the indexer, so nothing is indexed."""
    with running(tmp_path, "--max-lag", "0.5") as server, taken(tmp_path):
        assert waited_for(lambda: server.post(trace_request().SerializeToString()).status == 429)
        assert server.ask("/readyz").status == 503
        assert server.ask("/healthz").status == 200


def test_the_indexer_is_started_again_when_it_dies_and_ends_with_the_server(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        first = indexer_of(server)
        os.kill(first, signal.SIGKILL)
        server.post(trace_request(1, first=7).SerializeToString())
        assert waited_for(lambda: server.ask("/readyz").status == 200 and indexer_of(server) != first)
        second = indexer_of(server)

        server.process.kill()

        assert waited_for(lambda: not Path(f"/proc/{second}").exists())
    assert {span.name for span in spans_of(tmp_path)} == {"span 7"}


@contextlib.contextmanager
def taken(folder: Path) -> Iterator[None]:
    """Holds the lock of the indexer."""
    with contextlib.ExitStack() as stack:
        assert waited_for(lambda: stack.enter_context(locked(folder)))
        yield


def indexer_of(server: Running) -> int:
    """Linux tells the children of a process."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    if not children.exists():
        pytest.skip("this system does not tell the children of a process")
    found = children.read_text().split()
    return int(found[0]) if found else 0


def test_what_only_grpc_needs_is_loaded_when_http_is_answered_already() -> None:
    """It takes as long as much of the rest, and protobuf waits for its first request."""
    told = "import agentreplay.server.running, sys; print(*{'grpc', 'google.protobuf.descriptor'} & sys.modules.keys())"

    printed = subprocess.run([sys.executable, "-c", told], capture_output=True, check=True, text=True)

    assert printed.stdout.strip() == ""


def test_it_ends_in_order_when_it_is_told_to(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        server.post(trace_request().SerializeToString())
        server.process.terminate()

        assert server.process.wait(20) == 0
    assert len(spans_of(tmp_path)) == 3


@pytest.mark.parametrize("head", ["POST /v1/traces", "POST /api/v1/memory"])
def test_who_is_cut_off_by_its_end_hears_to_ask_again_and_nobody_else_hears_why(tmp_path: Path, head: str) -> None:
    """Its sender does not go on; exporters try again what is answered with 503, and give up what is with 500."""
    said = tmp_path / "said.txt"
    with said.open("w", encoding="utf-8") as errors, running(tmp_path / "store", errors=errors) as server:
        address = ("127.0.0.1", server.http[0])
        with socket.create_connection(address, timeout=30) as connection:
            told = ("Host: 127.0.0.1", "Content-Type: application/json", "Content-Length: 10")
            connection.sendall("\r\n".join((f"{head} HTTP/1.1", *told, "", "1")).encode())
            assert server.ask("/healthz").status == 200
            server.process.terminate()
            answer = b"".join(iter(lambda: connection.recv(4096), b""))

        assert server.process.wait(20) == 0
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["kind"] == "ServerEnding"
    assert len(said.read_text(encoding="utf-8").splitlines()) <= 1
