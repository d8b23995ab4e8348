"""Journals reach the server, whatever it does, and the program never waits for it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from agentreplay.core.live import Life
from agentreplay.model.batch import Batch
from agentreplay.model.values import decode
from agentreplay.sdk.recorder import troubles
from agentreplay.sdk.sender import BadAnswer, Sender, ship
from agentreplay.settings import Settings
from agentreplay.store.journal.reader import journals_in, read_frames
from agentreplay.store.journal.spool import dropped_in
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.testing import Maker
from agentreplay.testing.loopback import Loopback, Request, Response

PLENTY = 1 << 30


class Server:
    """Stores journals as the server of the product does: what it has already is not stored again."""

    def __init__(self) -> None:
        self.journals: dict[str, bytes] = {}
        self.broken: Callable[[Request], Response | None] = lambda _: None

    def __call__(self, request: Request) -> Response:
        found = self.broken(request)
        if found is not None:
            return found
        address = urlsplit(request.path)
        name = address.path.removeprefix("/base/v1/journals/")
        offset = int(parse_qs(address.query)["offset"][0])
        there = self.journals.get(name, b"")
        if offset <= len(there):
            self.journals[name] = there + request.content[len(there) - offset :]
        return answer(len(self.journals.get(name, b"")))


def answer(stored: Any, status: int = 200) -> Response:
    return Response(status=status, chunks=(json.dumps({"stored": stored}).encode(),))


def write(spool: Path, make: Maker, count: int = 3) -> JournalWriter:
    writer = JournalWriter(spool)
    for _ in range(count):
        writer.append(Batch(spans=(make.span(),)))
    return writer


def files(spool: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in journals_in(spool)}


def eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.01)


def test_a_journal_is_shipped_while_it_grows_and_goes_when_it_is_closed(tmp_path: Path, make: Maker) -> None:
    server = Server()
    with Loopback(server) as loopback:
        writer = write(tmp_path, make)
        sender = Sender(f"{loopback.url}/base/", tmp_path, PLENTY)
        sender.round()
        assert server.journals == files(tmp_path)

        writer.append(Batch(spans=(make.span(),)))
        whole = files(tmp_path)
        writer.close()
        sender.round()

    assert server.journals == whole
    assert files(tmp_path) == {}


def test_a_server_that_was_away_gets_everything_when_it_is_back(tmp_path: Path, make: Maker) -> None:
    server = Server()
    with Loopback(server) as first:
        port = urlsplit(first.url).port or 0
        writer = write(tmp_path, make)
        sender = Sender(f"{first.url}/base", tmp_path, PLENTY, every=0.01)
        sender.start()
        eventually(lambda: server.journals == files(tmp_path))
    writer.append(Batch(spans=(make.span(),)))
    time.sleep(0.1)

    with Loopback(server, port=port):
        eventually(lambda: server.journals == files(tmp_path))
        sender.finish()

    (path,) = journals_in(tmp_path)
    assert len(list(read_frames(path))) == 4
    writer.close()


def test_what_another_process_left_is_shipped(tmp_path: Path, make: Maker) -> None:
    write(tmp_path, make).close()
    (path,) = journals_in(tmp_path)
    left = path.rename(path.with_name("00000000000000000001-1-abcdef01.journal")).read_bytes()
    server = Server()

    with Loopback(server) as loopback:
        Sender(f"{loopback.url}/base", tmp_path, PLENTY).round()

    assert server.journals == {"00000000000000000001-1-abcdef01.journal": left}
    assert files(tmp_path) == {}


def test_a_server_that_has_a_part_gets_the_rest(tmp_path: Path, make: Maker) -> None:
    write(tmp_path, make).close()
    ((name, whole),) = files(tmp_path).items()
    (path,) = journals_in(tmp_path)
    half = next(iter(read_frames(path))).end
    server = Server()
    server.journals[name] = whole[:half]

    with Loopback(server) as loopback:
        Sender(f"{loopback.url}/base", tmp_path, PLENTY).round()
        sent = sum(len(request.content) for request in loopback.requests)

    assert (server.journals[name], sent) == (whole, len(whole) - half)


@pytest.mark.parametrize(
    "response",
    [
        Response(chunks=(b"<html>",)),
        Response(chunks=(b"[]",)),
        answer("all"),
        answer([1]),
        answer(-1),
        answer(1 << 40),
        answer(0, status=503),
        Response(chunks=(b'{"stored": 1}',), cut=0),
        Response(chunks=(b'{"stored": 1}' * 99,), cut=1),
    ],
    ids=["html", "list", "text", "bool", "negative", "too much", "status", "reset", "cut"],
)
def test_garbage_removes_nothing(tmp_path: Path, make: Maker, response: Response) -> None:
    write(tmp_path, make).close()
    before = files(tmp_path)
    server = Server()
    server.broken = lambda _: response

    with Loopback(server) as loopback:
        sender = Sender(f"{loopback.url}/base", tmp_path, PLENTY)
        with pytest.raises((BadAnswer, OSError)):
            sender.round()
        assert files(tmp_path) == before
        server.broken = lambda _: None
        sender.round()

    assert server.journals == before


def test_a_server_that_stores_nothing_is_not_asked_without_end(tmp_path: Path, make: Maker) -> None:
    write(tmp_path, make).close()
    server = Server()
    server.broken = lambda _: answer(0)

    with Loopback(server) as loopback:
        with pytest.raises(BadAnswer):
            Sender(f"{loopback.url}/base", tmp_path, PLENTY).round()
        assert len(loopback.requests) == 2


def test_a_full_spool_drops_the_oldest_and_says_so(tmp_path: Path, make: Maker) -> None:
    for _ in range(3):
        write(tmp_path, make).close()
    sizes = [len(data) for data in files(tmp_path).values()]
    names = list(files(tmp_path))
    sender = Sender("http://127.0.0.1:9", tmp_path, sizes[2])

    with pytest.raises(OSError, match="refused"):
        sender.round()

    assert list(files(tmp_path)) == names[2:]
    dropped = dropped_in(tmp_path)
    assert (dropped.journals, dropped.bytes) == (2, sum(sizes[:2]))


def test_a_journal_that_is_being_written_is_never_dropped(tmp_path: Path, make: Maker) -> None:
    writer = write(tmp_path, make)

    with pytest.raises(OSError, match="refused"):
        Sender("http://127.0.0.1:9", tmp_path, 0).round()

    assert len(files(tmp_path)) == 1
    writer.close()


@pytest.mark.parametrize("after", [0.0, 30.0], ids=["away", "slow"])
def test_the_end_of_a_program_waits_two_seconds_at_most(tmp_path: Path, after: float) -> None:
    server = Server()
    server.broken = lambda _: Response(chunks=(b"{}",), after=after) if after else Response(chunks=(b"",), cut=0)
    program = "import agentreplay\nwith agentreplay.session('s'): print(agentreplay.call('look', int, 1))\n"
    with Loopback(server) as loopback:
        environment = {**os.environ, "AGENTREPLAY_URL": loopback.url, "AGENTREPLAY_DB": str(tmp_path)}
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment
        )
        took = time.monotonic() - began

    assert (done.stdout, done.stderr) == ("1\n", "")
    assert took < 10, "the time-out of a request alone is as long"
    assert len(files(tmp_path / "spool")) == 1


def test_a_program_ships_what_it_records_and_its_seams_see_nothing_of_it(tmp_path: Path) -> None:
    server = Server()
    program = "import agentreplay\nwith agentreplay.session('s'): agentreplay.call('look', int, 1)\n"
    with Loopback(server) as loopback:
        environment = {**os.environ, "AGENTREPLAY_URL": f"{loopback.url}/base", "AGENTREPLAY_DB": str(tmp_path)}
        subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, env=environment)

    (journal,) = server.journals.values()
    assert journal.startswith(b"ARJOURN\n")
    assert b"look" in journal
    assert b"/v1/journals" not in journal


def test_without_an_address_nothing_is_shipped(tmp_path: Path) -> None:
    before = troubles.copy()

    ship(Settings(db_path=tmp_path))

    assert troubles == before


def test_a_session_that_was_killed_is_interrupted_for_the_server_too(tmp_path: Path, make: Maker) -> None:
    session = make.session()
    life = Life(tmp_path, session)
    assert life._descriptor is not None
    os.close(life._descriptor)  # as the system does when the process is killed
    server = Server()
    with Loopback(server) as loopback:
        sender = Sender(f"{loopback.url}/base/", tmp_path, PLENTY)
        sender.settle()
        sender.round()

    (shipped,) = server.journals
    (tmp_path / shipped).write_bytes(server.journals[shipped])
    (frame,) = read_frames(tmp_path / shipped)
    (told,) = decode(frame.payload, Batch).sessions
    assert (told.key, told.status) == (session.key, "interrupted")
    assert list((tmp_path / "live").iterdir()) == []
