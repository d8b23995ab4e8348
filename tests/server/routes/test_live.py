"""The live feed over the wire: as server-sent events and over a WebSocket, with the same events."""

import json
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.server.hearing import listening
from tests.server.running import Running, running

NOW = 1_700_000_000_000_000_000


def tell(server: Running, project: str, number: int, **more: Any) -> None:
    """Have the server take in a span."""
    span = {"session": "s", "span_id": f"{number:016x}", "start": NOW + number, "end": NOW + number, **more}
    assert (
        server.ask("/api/v1/ingest", json.dumps({"project": project, "spans": [span]}).encode(), "POST").status == 200
    )


def spans(found: Iterator[dict[str, str]], count: int) -> list[tuple[str, str]]:
    """The position and the span id of the next so many spans."""
    named = (event for event in found if event["event"] == "span")
    return [(event["id"], json.loads(event["data"])["span_id"]) for event in islice(named, count)]


def test_what_comes_in_is_told_soon(anybody: Running) -> None:
    with listening(anybody, "project=live-soon") as found:
        beat = next(found)
        assert (beat["event"], set(json.loads(beat["data"]))) == ("heartbeat", {"position", "lag"})
        began = time.monotonic()
        tell(anybody, "live-soon", 1, name="hello")

        (told,) = spans(found, 1)

        assert told[1] == f"{1:016x}"
        assert time.monotonic() - began < 15, "0.3 s on a machine that is not busy"


@pytest.mark.parametrize("way", ["last-event-id", "position"])
def test_a_listener_that_was_away_misses_nothing(anybody: Running, way: str) -> None:
    project = f"live-{way}"
    with listening(anybody, f"project={project}") as found:
        start = next(found)["id"]
        for number in (1, 2):
            tell(anybody, project, number)
        ((position, first),) = spans(found, 1)
    tell(anybody, project, 3)

    query = f"project={project}" + (f"&position={position}" if way == "position" else "")
    headers = {"last_event_id": position} if way == "last-event-id" else {}
    with listening(anybody, query, **headers) as found:
        rest = [name for _, name in spans(found, 2)]

    assert [first, *rest] == [f"{number:016x}" for number in (1, 2, 3)]
    assert int(start) < int(position)


def test_a_session_can_be_listened_to_alone(anybody: Running) -> None:
    with listening(anybody, "project=live-one&session_id=wanted") as found:
        next(found)
        tell(anybody, "live-one", 1, session="other")
        tell(anybody, "live-one", 2, session="wanted")

        assert [name for _, name in spans(found, 1)] == [f"{2:016x}"]


@pytest.mark.parametrize("query", ["position=x", "position=-1", "project="])
def test_nonsense_is_refused_before_anything_is_told(anybody: Running, query: str) -> None:
    assert anybody.ask(f"/api/v1/live?{query}").status == 400


def test_a_websocket_tells_the_same(anybody: Running) -> None:
    address = anybody.address.replace("http", "ws", 1)
    with connect(f"{address}/api/v1/live/socket?project=live-socket", proxy=None) as socket:
        beat = json.loads(socket.recv(20))
        assert beat["event"] == "heartbeat"
        tell(anybody, "live-socket", 1, name="hello")
        while (event := json.loads(socket.recv(20)))["event"] != "span":
            pass

    assert (event["data"]["name"], int(event["position"]) > int(beat["position"])) == ("hello", True)
    with (
        connect(f"{address}/api/v1/live/socket?project=live-socket&position={beat['position']}", proxy=None) as socket,
    ):
        while (again := json.loads(socket.recv(20)))["event"] != "span":
            pass
    assert again == event


def test_a_websocket_is_refused_as_any_request_is(anybody: Running) -> None:
    address = f"{anybody.address.replace('http', 'ws', 1)}/api/v1/live/socket"

    for query, headers in (("", {"Origin": "https://evil.example"}), ("?position=x", {})):
        with (
            pytest.raises((InvalidStatus, ConnectionClosed)),
            connect(address + query, additional_headers=headers, proxy=None) as socket,
        ):
            socket.recv(20)


@pytest.mark.slow
def test_a_server_that_ends_lets_its_listeners_go_at_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    with running(tmp_path_factory.mktemp("ending")) as server:
        address = f"{server.address.replace('http', 'ws', 1)}/api/v1/live/socket"
        with listening(server, "") as found, connect(address, proxy=None) as socket:
            next(found)
            socket.recv(20)
            server.process.terminate()

            assert list(found) == []
            with pytest.raises(ConnectionClosed):
                socket.recv(20)
        assert server.process.wait(20) == 0
