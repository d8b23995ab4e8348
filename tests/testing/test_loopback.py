"""The server keeps connections, streams, waits, breaks off and ends when it is told to."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from agentreplay.testing.loopback import Loopback, Request, Response


def respond(request: Request) -> Response:
    match request.path:
        case "/stream":
            return Response(chunks=(b"one", b"two", b"three"), streams=True)
        case "/slow":
            return Response(chunks=(b"late",), after=60)
        case "/reset":
            return Response(chunks=(b"never",), cut=0)
        case "/cut":
            return Response(chunks=(b"0123456789",), cut=1)
        case "/cut-stream":
            return Response(chunks=(b"one", b"two", b"three"), streams=True, cut=2)
        case _:
            return Response(chunks=(request.content[::-1],), headers={"X-Method": request.method})


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback(respond) as loopback:
        yield loopback


@pytest.fixture
def client(server: Loopback) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=20)
    yield connection
    connection.close()


def get(client: http.client.HTTPConnection, path: str) -> bytes:
    client.request("GET", path)
    return client.getresponse().read()


def test_one_connection_serves_many_requests(server: Loopback, client: http.client.HTTPConnection) -> None:
    client.request("POST", "/a?b=c", body=b"abc", headers={"X-Name": "value"})
    first, kept = client.getresponse().read(), client.sock
    client.request("PUT", "/d", body=iter([b"de", b"f"]), encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
    answer = client.getresponse()

    assert (first, answer.read(), answer.headers["x-method"]) == (b"cba", b"fed", "PUT")
    assert client.sock is kept
    assert [(request.method, request.path, request.content) for request in server.requests] == [
        ("POST", "/a?b=c", b"abc"),
        ("PUT", "/d", b"def"),
    ]
    assert server.requests[0].headers["x-name"] == "value"


def test_each_piece_of_a_stream_is_a_chunk(server: Loopback) -> None:
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=20) as connection:
        connection.sendall(b"GET /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        received = b"".join(iter(lambda: connection.recv(1000), b""))

    head, _, body = received.partition(b"\r\n\r\n")
    assert b"transfer-encoding: chunked" in head
    assert body == b"3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n"


def test_a_stream_leaves_the_connection_open(client: http.client.HTTPConnection) -> None:
    assert [get(client, "/stream"), get(client, "/stream")] == [b"onetwothree"] * 2


def test_a_reset_comes_in_place_of_an_answer(client: http.client.HTTPConnection) -> None:
    with pytest.raises(ConnectionResetError):
        get(client, "/reset")


@pytest.mark.parametrize(("path", "came"), [("/cut", b"01234"), ("/cut-stream", b"onetwo")])
def test_an_answer_breaks_off(client: http.client.HTTPConnection, path: str, came: bytes) -> None:
    with pytest.raises(http.client.IncompleteRead) as broken:
        get(client, path)

    assert broken.value.partial == came


def test_stopping_does_not_wait_for_what_is_late(server: Loopback, client: http.client.HTTPConnection) -> None:
    client.request("GET", "/slow")
    while not server.requests:
        time.sleep(0.001)

    server.stop()

    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        client.getresponse()


def test_stopping_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    with Loopback(respond) as server:
        client = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=20)
        get(client, "/")

    client.close()
    for _ in range(1000):
        if threading.active_count() <= before:
            break
        time.sleep(0.005)
    assert threading.active_count() <= before
    server.stop()


def test_a_stopped_server_is_gone() -> None:
    with Loopback(respond) as server:
        address = server.url.removeprefix("http://")

    client = http.client.HTTPConnection(address, timeout=20)
    with pytest.raises(ConnectionRefusedError):
        client.request("GET", "/")
