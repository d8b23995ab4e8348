"""What was acknowledged survives kill -9 of the server at any moment."""

import http.client
import threading
import time
from pathlib import Path
from random import Random

import pytest

from tests.server.requests import trace_request
from tests.server.running import PROTOBUF, Running, running, spans_of, waited_for

SENDERS = 3
SPANS = 5
PAUSES = 0.0, 0.003, 0.01
"""Between two requests of a sender: with none the index falls behind, and with the longest it has nothing to do."""


def send(server: Running, first: int, pause: float, acknowledged: list[int]) -> None:
    """Send spans until the server is gone."""
    connection = http.client.HTTPConnection("127.0.0.1", server.http[0], timeout=10)
    try:
        for number in range(first, first + 1_000_000, SPANS):
            body = trace_request(SPANS, first=number).SerializeToString()
            connection.request("POST", "/v1/traces", body, {"content-type": PROTOBUF})
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                acknowledged.append(number)
            time.sleep(pause)
    except (OSError, http.client.HTTPException):
        pass
    finally:
        connection.close()


def check_a_death(folder: Path, seed: int) -> None:
    random = Random(seed)
    acknowledged: list[int] = []
    with running(folder) as server:
        pause = random.choice(PAUSES)
        places = [1 + 1_000_000 * place for place in range(SENDERS)]
        senders = [threading.Thread(target=send, args=(server, place, pause, acknowledged)) for place in places]
        for sender in senders:
            sender.start()
        assert waited_for(lambda: bool(acknowledged))
        time.sleep(random.uniform(0, 1.0))
        server.process.kill()
        for sender in senders:
            sender.join()

    found = {int(span.name.removeprefix("span ")) for span in spans_of(folder)}

    assert {number + place for number in acknowledged for place in range(SPANS)} <= found
    assert all({first + place for place in range(SPANS)} <= found for first in {n - (n - 1) % SPANS for n in found})


@pytest.mark.slow
def test_a_killed_server_loses_nothing(tmp_path: Path) -> None:
    check_a_death(tmp_path, 1)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(2, 52, 10))
def test_fifty_killed_servers_lose_nothing(tmp_path: Path, first: int) -> None:
    for seed in range(first, first + 10):
        check_a_death(tmp_path / str(seed), seed)
